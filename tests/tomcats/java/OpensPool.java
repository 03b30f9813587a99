package com.acme.shop;

import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import java.sql.SQLException;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import javax.sql.DataSource;

public class OpensPool implements ServletContextListener {
    @Override
    public void contextInitialized(ServletContextEvent event) {
        try {
            ((DataSource) new InitialContext().lookup("java:comp/env/jdbc/shop")).getConnection().close();
        } catch (NamingException | SQLException thrown) {
            throw new IllegalStateException("the pool cannot be opened", thrown);
        }
    }
}
