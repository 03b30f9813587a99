package com.acme.shop;

import java.util.List;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;

public class StaticInitializer implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent event) {
        event.getServletContext().log(Currencies.NAMES.toString());
    }

    /** Its initialization fails. */
    static class Currencies {
        static final List<String> NAMES = List.of(System.getProperty("shop.currencies").split(","));
    }
}
