"""Measures the speeds, sizes and costs that the documentation states. `make bench` runs these measurements."""
