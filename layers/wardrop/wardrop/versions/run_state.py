"""The progress of a clean-up, and the conditions under which it stops early."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from wardrop.errors import NotNow, Refused
from wardrop.versions.retention import Decision

MOST_CONSECUTIVE_FAILURES = 3

_logger = logging.getLogger(__name__)


class Stopped(Exception):
    """The clean-up stops early. The next clean-up continues."""


@dataclass
class RunState:
    clock: Callable[[], datetime]
    deadline: datetime
    deleted: list[Decision] = field(default_factory=list)
    already_gone: int = 0
    """The number of versions that were to be deleted but no longer existed in Beanstalk."""

    failures: list[str] = field(default_factory=list)
    consecutive_failures: int = 0
    retry_may_help: bool = False
    """Whether at least one failure may be temporary."""

    def check_time(self) -> None:
        """Raises Stopped."""
        if self.clock() >= self.deadline:
            raise Stopped("the time limit was reached")

    def accepted(self) -> None:
        """Beanstalk has accepted a deletion."""
        self.consecutive_failures = 0

    def succeeded(self, decision: Decision, *, existed: bool) -> None:
        """Beanstalk no longer lists the version."""
        self.deleted.append(decision)
        self.already_gone += not existed

    def failed(self, decision: Decision, error: NotNow | Refused) -> None:
        """Records a failure. Raises Stopped after MOST_CONSECUTIVE_FAILURES failures in a row."""
        _logger.warning("%s of %s is not deleted: %s", decision.label, decision.application, error.reason)
        self.failures.append(f"{decision.label} of {decision.application}: {error.reason}")
        self.consecutive_failures += 1
        self.retry_may_help = self.retry_may_help or isinstance(error, NotNow)
        if self.consecutive_failures >= MOST_CONSECUTIVE_FAILURES:
            raise Stopped(f"{self.consecutive_failures} versions in a row could not be deleted")
