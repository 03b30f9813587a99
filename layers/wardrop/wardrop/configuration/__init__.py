"""The configuration of applications, which is a YAML document for each application."""
