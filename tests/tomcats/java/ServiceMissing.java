package com.acme.shop;

import java.util.ServiceLoader;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;

public class ServiceMissing implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent event) {
        ServiceLoader.load(Runnable.class).forEach(Runnable::run);
    }
}
