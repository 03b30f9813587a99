package com.acme.shop;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;

public class CauseChain implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent event) {
        try {
            open();
        } catch (java.io.IOException thrown) {
            throw new RuntimeException("the shop cannot start", thrown);
        }
    }

    private static void open() throws java.io.IOException {
        try {
            throw new IllegalArgumentException("the price list has no column price_krw");
        } catch (IllegalArgumentException thrown) {
            throw new java.io.IOException("cannot load the price list", thrown);
        }
    }
}
