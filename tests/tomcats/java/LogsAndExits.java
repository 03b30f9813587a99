package com.acme.shop;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;

/** Its output has the form of Logback. */
public class LogsAndExits implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent event) {
        System.out.println("21:14:45.717 [main] INFO com.acme.shop.Main - reading licences");
        System.out.println("21:14:45.801 [main] ERROR com.acme.shop.Main - the licence server refuses this host: 403");
        System.exit(1);
    }
}
