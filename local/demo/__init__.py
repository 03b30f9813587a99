"""`make demo`: a version is deployed, a bad one is rolled back, and old ones are deleted, on this machine."""
