package com.acme.shop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;

public class PortTaken implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent event) {
        try (ServerSocket first = new ServerSocket(0); ServerSocket second = new ServerSocket(first.getLocalPort())) {
            throw new IllegalStateException("both sockets have the port " + second.getLocalPort());
        } catch (IOException thrown) {
            throw new UncheckedIOException("the port for administrators cannot be opened", thrown);
        }
    }
}
