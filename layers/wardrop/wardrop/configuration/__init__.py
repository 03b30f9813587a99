"""The configuration of applications. Each application has one YAML document."""
