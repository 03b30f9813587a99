package com.acme.shop;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import java.util.concurrent.CompletableFuture;

public class FutureFails implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent event) {
        CompletableFuture.runAsync(FutureFails::load).join();
    }

    private static void load() {
        throw new IllegalStateException("the search index has version 6, and version 7 is needed");
    }
}
