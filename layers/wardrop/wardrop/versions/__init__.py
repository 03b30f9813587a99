"""Which application versions are kept, and which are deleted."""
