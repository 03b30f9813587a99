package com.acme.shop;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;

public class EndlessRecursion implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent event) {
        depth(event.getServletContext().getContextPath());
    }

    private static int depth(String path) {
        return 1 + depth(path);
    }
}
