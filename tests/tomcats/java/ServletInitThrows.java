package com.acme.shop;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;

public class ServletInitThrows extends HttpServlet {
    @Override
    public void init() throws ServletException {
        throw new ServletException("the catalogue has no products");
    }
}
