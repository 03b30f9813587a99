"""Nouns and decisions: plain values in, plain values out; no boto3, no clock, no environment variables."""
