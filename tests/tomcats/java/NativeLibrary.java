package com.acme.shop;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;

public class NativeLibrary implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent event) {
        System.loadLibrary("shopcrypto");
    }
}
