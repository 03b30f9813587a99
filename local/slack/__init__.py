"""Slack, as far as alerts need it: https://docs.slack.dev"""
