"""Reads the details for alerts about health, within the limits of one invocation."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.ledger.ledger import Ledger
from wardrop.deployments.deployment import Deployment
from wardrop.environments import fleet as fleets
from wardrop.environments.fleet import Fleet
from wardrop.environments.model import Environment
from wardrop.health.circumstances import MAX_DEPLOYMENTS, Circumstances, from_ledger, relevant, status_command
from wardrop.health.evidence import HealthCheck
from wardrop.health.failed_updates import MOST_EXPLAINED
from wardrop.health.notification import IncidentNotification

MAX_LOOK_UPS = 10
"""The largest number of alerts in one invocation for which details are read. More look-ups would delay the alerts."""

MOST_FLEETS = 20
"""The largest number of environments in one invocation whose instances are read."""

WARNINGS_WINDOW = timedelta(hours=1)
"""The maximum age of Beanstalk's warnings and errors that an alert quotes."""

_logger = logging.getLogger(__name__)


class LookUps:
    """Reads the details for at most MAX_LOOK_UPS alerts. After a failed call, it reads no more details."""

    def __init__(self, ledger: Ledger, beanstalk: Beanstalk) -> None:
        self._ledger, self._beanstalk = ledger, beanstalk
        self._left, self._logs_left, self._fleets_left = MAX_LOOK_UPS, MOST_EXPLAINED, MOST_FLEETS
        self._why_no_more = "many incidents are reported at the same time"
        self._past: dict[str, Sequence[Deployment]] = {}

    def past(self, name: str) -> Sequence[Deployment]:
        """Returns the last finished deployments, the newest first, or nothing if the ledger cannot be read."""
        try:
            return self._read_past(name)
        except Exception:  # an alert does not depend on this call
            _logger.exception("the finished deployments of %s could not be read", name)
            return ()

    def fleet(self, environment: Environment) -> Fleet:
        """Returns the reports of the instances. A failed call does not prevent the alert."""
        if not environment.reports_instances:
            return fleets.BASIC_HEALTH
        if self._fleets_left <= 0:
            return fleets.THROTTLED
        self._fleets_left -= 1
        try:
            return fleets.reported(self._beanstalk.instances(environment.name))
        except Exception:
            _logger.exception("the instances of %s could not be read", environment.name)
            self._fleets_left = 0
            return fleets.THROTTLED

    def is_being_terminated(self, name: str) -> bool:
        """Whether DescribeEnvironments shows the termination. A failed call does not prevent the alert."""
        try:
            return self._beanstalk.is_being_terminated(name)
        except Exception:
            _logger.exception("the status of %s could not be read", name)
            return False

    def _read_past(self, name: str) -> Sequence[Deployment]:
        if name not in self._past:
            self._past[name] = self._ledger.environments.history(name, most=MAX_DEPLOYMENTS)
        return self._past[name]

    def of(self, notification: IncidentNotification, check: HealthCheck) -> Circumstances:
        if notification.is_recovery:
            return Circumstances()
        if check.environment is None:
            return Circumstances(next_step=status_command(check.name))
        if self._left <= 0:
            missing = f"Wardrop did not look up more details, because {self._why_no_more}."
            return Circumstances(next_step=status_command(check.name), missing=missing)
        self._left -= 1
        return self._look_up(check.environment, check.now)

    def may_read_log(self, notification: IncidentNotification) -> bool:
        """Whether the limits allow Wardrop to read an update's log for one more alert. If so, counts the alert."""
        if notification.is_recovery or self._left <= 0 or self._logs_left <= 0:
            return False
        self._logs_left -= 1
        return True

    def _look_up(self, environment: Environment, now: datetime) -> Circumstances:
        """Reads the most useful details first. A failed call does not prevent the alert."""
        circumstances = Circumstances(next_step=status_command(environment.name))
        try:
            record = self._ledger.environments.read(environment.name)
            past = self._read_past(environment.name)
            circumstances = from_ledger(environment, record, past, now)
            if environment.reports_instances:
                causes, instances = self._beanstalk.health(environment.name)
                circumstances = replace(circumstances, causes=causes, instances=instances)
            warnings = self._beanstalk.warnings(environment.name, now - WARNINGS_WINDOW)
            return replace(circumstances, events=relevant(warnings))
        except Exception as error:
            _logger.exception("some details about %s could not be read", environment.name)
            self._left, self._why_no_more = 0, "the details for an earlier alert could not be looked up"
            return replace(circumstances, missing=f"More details could not be looked up: {str(error)[:200]}")
