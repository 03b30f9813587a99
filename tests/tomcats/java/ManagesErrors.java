package com.acme.shop;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Handles its own errors, so that Tomcat does not log them. */
public class ManagesErrors extends HttpServlet {
    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        IllegalStateException failure = new IllegalStateException("the exchange rates are from yesterday");
        Logger.getLogger("com.acme.shop.Errors").log(Level.SEVERE, "request failed", failure);
        response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
    }
}
