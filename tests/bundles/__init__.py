"""Bundles as people make them, and for each what `unzip` and Beanstalk do with it."""
