package com.acme.shop;

import java.io.IOException;
import java.net.Socket;
import java.sql.SQLException;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;

public class DatabaseRefused implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent event) {
        try (Socket socket = new Socket("localhost", 1)) {
            socket.getOutputStream().write(0);
        } catch (IOException thrown) {
            throw new IllegalStateException(
                    "cannot open the connection pool",
                    new SQLException("Connection to localhost:1 refused. Check that the postmaster accepts connections.", thrown));
        }
    }
}
