"""Checks the installation: `wardrop doctor`. `aws/inspect.py` reads the account, and these modules judge the facts."""
