package com.acme.shop;

import javax.naming.InitialContext;
import javax.naming.NamingException;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;

public class MissingDataSource implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent event) {
        try {
            new InitialContext().lookup("java:comp/env/jdbc/shop");
        } catch (NamingException thrown) {
            throw new IllegalStateException("no data source", thrown);
        }
    }
}
