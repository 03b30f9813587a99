package com.acme.shop;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;

public class OwnException implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent event) {
        throw new LicenceExpired("the licence ended on 2026-11-01");
    }

    static class LicenceExpired extends RuntimeException {
        LicenceExpired(String message) {
            super(message);
        }
    }
}
