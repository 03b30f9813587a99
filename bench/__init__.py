"""What this project promises to be fast, measured: `make bench`."""
