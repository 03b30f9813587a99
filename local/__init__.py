"""The stand-in cloud: a simulation of AWS and Slack on this machine, for trials, demonstrations and tests."""
