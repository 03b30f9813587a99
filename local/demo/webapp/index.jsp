<%@ page contentType="text/html; charset=UTF-8" %>
<!doctype html>
<title>Shop</title>
<h1><%@ include file="version.txt" %></h1>
<p>It is <%= new java.util.Date() %>, and this instance answers.</p>
