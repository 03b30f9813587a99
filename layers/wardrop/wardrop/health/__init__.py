"""The health of environments, and health incidents."""
