package com.acme.shop;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;

public class MissingProperty implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent event) {
        String region = System.getProperty("shop.region");
        if (region == null) {
            throw new IllegalStateException("required system property shop.region is missing");
        }
    }
}
