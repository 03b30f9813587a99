"""Predicts the effect of changing settings, and judges updates that were started outside Wardrop."""
