"""Environments in Beanstalk's terms, with their settings and versions."""
