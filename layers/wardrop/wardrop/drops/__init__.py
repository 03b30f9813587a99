"""A dropped file becomes an application version."""
