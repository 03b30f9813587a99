package com.acme.shop;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;

public class FailedAssertion implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent event) {
        throw new AssertionError("the ledger is not balanced: 17 != 19");
    }
}
