package com.acme.shop;

import java.util.ArrayList;
import java.util.List;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;

public class EatsHeap implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent event) {
        while (true) {
            PRODUCTS.add(new long[1 << 17]);
        }
    }

    private static final List<long[]> PRODUCTS = new ArrayList<>();
}
