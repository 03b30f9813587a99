"""The command `wardrop`: see cli/README.md for its structure."""

# A constant, because reading it from the metadata of the package would slow every command down.
__version__ = "0.1.0"
