package com.acme.shop;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;

public class NoMessage implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent event) {
        throw new UnsupportedOperationException();
    }
}
