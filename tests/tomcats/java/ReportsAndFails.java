package com.acme.shop;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The exception that ends the start is not the one that was logged before. */
public class ReportsAndFails implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent event) {
        Logger log = Logger.getLogger("com.acme.shop.Stock");
        log.log(Level.WARNING, "cannot read the cache, going on without it", new java.io.IOException("cache.bin: old format"));
        throw new IllegalStateException("the warehouse sent no stock");
    }
}
