package com.acme.shop;

public class MadeForTomcat9 implements javax.servlet.ServletContextListener {
    @Override
    public void contextInitialized(Object event) {}
}
