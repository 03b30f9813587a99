"""Alerts in Slack: messages, threads, and their delivery."""
