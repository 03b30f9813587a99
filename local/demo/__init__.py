"""`make demo` deploys a version on this machine, rolls a bad version back, and deletes old versions."""
