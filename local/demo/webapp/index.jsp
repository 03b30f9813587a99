<%@ page contentType="text/html; charset=UTF-8" %>
<!doctype html>
<title>Shop</title>
<h1>Shop</h1>
<p>It is <%= new java.util.Date() %>, and this instance answers.</p>
