package com.acme.shop;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;

public class PoolFails implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent event) {
        Thread worker = new Thread(() -> { throw new IllegalStateException("the queue orders-live does not exist"); }, "orders-pool-1");
        worker.start();
        try {
            worker.join();
        } catch (InterruptedException thrown) {
            Thread.currentThread().interrupt();
        }
        throw new IllegalStateException("the order processor did not start within 30 s");
    }
}
