"""Real WARs and a load generator for the tests and measurements with real Tomcats."""
