"""The guard: settings that replace instances."""
