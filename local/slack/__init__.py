"""A simulation of the parts of Slack that alerts use: https://docs.slack.dev"""
