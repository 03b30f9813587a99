package com.acme.shop;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;

public class DoesNotStop implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent event) {
        new Thread(DoesNotStop::poll, "poller").start();
    }

    /** The thread is not a daemon and ignores interrupts, so the JVM does not end. */
    private static void poll() {
        while (true) {
            try {
                Thread.sleep(1_000);
            } catch (InterruptedException ignored) {
                continue;
            }
        }
    }

    @Override
    public void contextDestroyed(ServletContextEvent event) {
        poll();
    }
}
