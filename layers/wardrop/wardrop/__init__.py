"""Wardrop's own code: decisions that do no I/O, and one module for each outside system."""
