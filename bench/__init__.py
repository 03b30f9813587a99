"""Measures the promised speeds, sizes and costs: `make bench`."""
