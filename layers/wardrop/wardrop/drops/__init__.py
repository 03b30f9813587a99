"""Drops, from the uploaded file to the application version and its deployments."""
