"""Real servers: a Tomcat for each instance, and a haproxy for the load balancer of each environment."""
