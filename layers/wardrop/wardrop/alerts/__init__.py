"""Alerts for people: what they are, how they read, and where they are sent."""
