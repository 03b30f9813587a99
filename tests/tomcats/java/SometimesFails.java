package com.acme.shop;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;

/** Fails for each tenth request. */
public class SometimesFails extends HttpServlet {
    private final AtomicInteger requests = new AtomicInteger();

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (requests.incrementAndGet() % 10 == 0) {
            throw new IllegalStateException("the connection pool is exhausted");
        }
        response.getWriter().println("shop");
    }
}
