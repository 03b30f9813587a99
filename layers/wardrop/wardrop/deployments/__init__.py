"""Deployments of versions to environments, from the queue to the final state."""
