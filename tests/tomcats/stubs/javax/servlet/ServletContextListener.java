package javax.servlet;

/** Tomcat 9 has this interface. Tomcat 10 does not, and WARs do not contain it. */
public interface ServletContextListener {
    void contextInitialized(Object event);
}
