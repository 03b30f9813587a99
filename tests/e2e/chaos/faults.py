"""The faults that strike."""

from typing import Any

FAULTS: list[dict[str, Any]] = [
    {"fault": "events-lost", "rate": 0.3},
    {"fault": "stale-reports", "rate": 0.5, "seconds": 20},
    {"fault": "events-doubled", "rate": 0.1},
    {"fault": "throttle", "rate": 0.1},
    {"fault": "fails-after-effect", "action": "UpdateEnvironment", "rate": 0.1},
    {"fault": "kill-function", "function": "ReceiveDrop", "rate": 0.05},
    {"fault": "kill-function", "function": "AdvanceDeployment", "rate": 0.05},
    {"fault": "kill-function", "function": "WatchEnvironments", "rate": 0.05},
    {"fault": "s3-events-lost", "rate": 0.1},
    {"fault": "s3-events-doubled", "rate": 0.1},
    {"fault": "s3-events-late", "rate": 0.1},
    {"fault": "cancelled", "rate": 0.05},
    {"fault": "table-refuses", "rate": 0.03},
    {"fault": "stream-reordered", "rate": 0.3},
    {"fault": "instance-lies", "rate": 0.05},
    {"fault": "deploy-finishes-late", "rate": 0.02, "seconds": 90},
    {"fault": "failure-lingers", "rate": 0.5, "seconds": 40},
    {"fault": "instance-stuck", "rate": 0.01},
]
CONDITIONS: list[dict[str, Any]] = [
    {"fault": "concurrency", "limit": 10},
    {"fault": "ticks-overlap"},
    {"fault": "index-lags", "seconds": 1},
]
"""Conditions of the whole run: the limits of a new account, and delays that AWS does not exclude."""
