"""Bundles as people make them. Each states the results of `unzip` and of Beanstalk."""
