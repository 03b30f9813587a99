"""Logs the number of calls to Beanstalk, because all clients in the account share one rate limit.

The number is a field of a log record and not a metric. CloudWatch charges for a metric in each hour in which it has a
value, and Wardrop calls Beanstalk every minute, even without deployments. The dashboard adds up the numbers in the log
records.
"""

import logging
from collections import Counter
from typing import Any

from wardrop.aws.metrics import Metric, count

_logger = logging.getLogger(__name__)

THROTTLED = frozenset({"RequestLimitExceeded", "Throttling", "ThrottlingException", "TooManyRequestsException"})
_attempts: Counter[bool] = Counter()
"""The number of throttled attempts (True) and of other attempts (False) since the last record.

The numbers need no lock, because an execution environment of Lambda handles one invocation at a time.
"""


def watch(client: Any) -> Any:
    """Counts the attempts of the client, and the attempts that Beanstalk throttled."""
    client.meta.events.register("needs-retry.elastic-beanstalk", _attempted)
    return client


def write() -> None:
    """Logs the number of calls since the last record. Logs nothing if there were no calls."""
    if not _attempts:
        return
    calls, throttled = _attempts.total(), _attempts[True]
    _attempts.clear()
    keys = {"beanstalk_calls": calls, "beanstalk_calls_throttled": throttled}
    _logger.info("calls to Elastic Beanstalk", extra=keys)
    if throttled:
        count(Metric.BEANSTALK_CALLS_THROTTLED, throttled)


def _attempted(response: tuple[Any, dict[str, Any]] | None = None, **_: Any) -> None:
    """Counts an attempt. botocore calls this function after each attempt. Without a response, `response` is None."""
    code = response[1].get("Error", {}).get("Code") if response is not None else None
    _attempts[code in THROTTLED] += 1
