package com.acme.shop;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;

/** The cause is printed without a level, and the exception that ends the start does not name it. */
public class PrintsTrace implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent event) {
        try {
            throw new IllegalArgumentException("the tax table has no row for KR");
        } catch (IllegalArgumentException thrown) {
            thrown.printStackTrace();
        }
        throw new IllegalStateException("start-up failed, see the log");
    }
}
