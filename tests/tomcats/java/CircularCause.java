package com.acme.shop;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;

public class CircularCause implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent event) {
        IllegalStateException outer = new IllegalStateException("the session store is closed");
        IllegalArgumentException inner = new IllegalArgumentException("node cache-3 is not a member of the cluster", outer);
        outer.initCause(inner);
        throw outer;
    }
}
