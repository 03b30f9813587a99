"""The stand-in cloud: AWS and Slack on this machine, for trying, demonstrating and testing."""
