package com.acme.shop;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;

public class WithSuppressed implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent event) {
        IllegalStateException thrown = new IllegalStateException("the mail templates cannot be compiled");
        thrown.addSuppressed(new IllegalArgumentException("closing failed, too"));
        throw thrown;
    }
}
