package com.acme.shop;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;

public class BeanCreation implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent event) {
        throw new BeanCreationException(
                "Error creating bean with name 'orderController' defined in class path resource [com/acme/shop/Web.class]: "
                        + "Unsatisfied dependency expressed through constructor parameter 0",
                new BeanCreationException(
                        "Error creating bean with name 'priceService': Invocation of init method failed",
                        new IllegalArgumentException("Could not resolve placeholder 'shop.price.url' in value \"${shop.price.url}\"")));
    }

    /** Its message has the form of Spring's exception. */
    static class BeanCreationException extends RuntimeException {
        BeanCreationException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
