"""`make demo`: a version goes live, a bad one is taken back, and old ones are deleted, on this machine."""
