"""Alerts in Slack: messages, threads, and delivery."""
