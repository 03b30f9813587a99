"""Alerts for people: their kinds, their texts, and their recipients."""
