"""Installs and upgrades a stack: `make deploy` runs this package. Only `account`, `install` and `terminal` do I/O."""
