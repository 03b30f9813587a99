"""Witnesses: what this project believes of Elastic Beanstalk, observed on AWS or on the stand-in by the same code."""
