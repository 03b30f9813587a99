"""Whether the unit tests notice a change of the rules for deployments, health and versions."""
