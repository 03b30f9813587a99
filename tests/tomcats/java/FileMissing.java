package com.acme.shop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;

public class FileMissing implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent event) {
        try {
            Files.readString(Path.of("/etc/shop/licence.key"));
        } catch (IOException thrown) {
            throw new UncheckedIOException(thrown);
        }
    }
}
