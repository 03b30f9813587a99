"""The effect of a change of settings, before it is made."""
