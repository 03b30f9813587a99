"""Counts the calls to Beanstalk, because the account's limit for them is shared with everybody else."""

from collections import Counter
from typing import Any

from wardrop.aws.metrics import Metric, count

THROTTLED = frozenset({"RequestLimitExceeded", "Throttling", "ThrottlingException", "TooManyRequestsException"})
_calls: Counter[Metric] = Counter()
"""The calls since the metrics were last written. A function processes one invocation at a time."""


def watch(client: Any) -> Any:
    """Counts each attempt of the client, and each answer that refuses it because of too many calls."""
    client.meta.events.register("needs-retry.elastic-beanstalk", _attempted)
    return client


def write() -> None:
    """Writes the metrics of the calls since the last time."""
    for metric, how_many in _calls.items():
        count(metric, how_many)
    _calls.clear()


def _attempted(response: tuple[Any, dict[str, Any]] | None = None, **_: Any) -> None:
    """botocore asks after each attempt whether to retry. `response` is None if there was no answer."""
    _calls[Metric.BEANSTALK_CALLS] += 1
    if response is not None and response[1].get("Error", {}).get("Code") in THROTTLED:
        _calls[Metric.BEANSTALK_CALLS_THROTTLED] += 1
