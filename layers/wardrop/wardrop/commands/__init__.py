"""The requests that people send, and the answers."""
