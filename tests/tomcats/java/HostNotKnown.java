package com.acme.shop;

import java.net.InetAddress;
import java.net.UnknownHostException;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;

public class HostNotKnown implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent event) {
        try {
            InetAddress.getByName("payments.acme.invalid");
        } catch (UnknownHostException thrown) {
            throw new IllegalStateException("the payment service cannot be reached", thrown);
        }
    }
}
