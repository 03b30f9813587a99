"""Predicts the effect of changes of settings, and judges updates that somebody else started."""
