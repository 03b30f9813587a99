"""Is an environment well, and which incidents are open."""
