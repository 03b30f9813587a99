"""Finds the cause of a failed deployment in Beanstalk's deployment log."""
