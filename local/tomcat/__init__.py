"""Real servers: each instance is a Tomcat, and the load balancer of each environment is a haproxy."""
