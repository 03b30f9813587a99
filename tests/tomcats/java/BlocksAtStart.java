package com.acme.shop;

import java.util.concurrent.CountDownLatch;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;

public class BlocksAtStart implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent event) {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException thrown) {
            Thread.currentThread().interrupt();
        }
    }
}
