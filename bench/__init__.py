"""Measures the speeds, sizes and costs that the documents state. `make bench` runs these measurements."""
