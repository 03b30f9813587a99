"""How Slack shows an alert."""
