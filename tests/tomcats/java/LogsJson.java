package com.acme.shop;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;

/** Its output has the form of a Logback encoder for Logstash. */
public class LogsJson implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent event) {
        System.out.println("{\"@timestamp\":\"2026-11-28T21:14:45.801Z\",\"level\":\"ERROR\",\"logger\":\"com.acme.shop.Main\",\"message\":\"start failed\",\"stack_trace\":\"com.acme.shop.StartFailed: shop\\n\\tat com.acme.shop.Main.run(Main.java:9)\\nCaused by: java.lang.IllegalStateException: the feature flags cannot be read\\n\\tat com.acme.shop.Flags.read(Flags.java:21)\"}");
        System.exit(3);
    }
}
