"""AWS on this machine, for trying, demonstrating and testing: the functions do not know of it."""
