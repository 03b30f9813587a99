package com.acme.shop;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;

public class SeveralLines implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent event) {
        throw new IllegalArgumentException("the configuration has 2 errors:\n - shop.tax: 119 is not below 100\n - shop.days: -1");
    }
}
