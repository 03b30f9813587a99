package com.acme.shop;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;

public class Exits implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent event) {
        System.err.println("required setting PAYMENT_API_URL is missing, giving up");
        System.exit(78);
    }
}
