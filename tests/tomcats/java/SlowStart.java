package com.acme.shop;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;

public class SlowStart implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent event) {
        try {
            Thread.sleep(Long.getLong("shop.start.millis", 6_000));
        } catch (InterruptedException thrown) {
            Thread.currentThread().interrupt();
        }
    }
}
