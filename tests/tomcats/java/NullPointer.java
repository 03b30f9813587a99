package com.acme.shop;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;

public class NullPointer implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent event) {
        String name = event.getServletContext().getInitParameter("shop.name");
        event.getServletContext().log(name.trim());
    }
}
