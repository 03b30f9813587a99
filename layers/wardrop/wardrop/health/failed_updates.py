"""Adds the cause from the deployment log to the alerts on updates that Wardrop did not make.

The events of EventBridge name no RequestId. The events of DescribeEvents name it, and the log has the same name.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wardrop.alerts.model import Alert
from wardrop.aws.beanstalk import Beanstalk
from wardrop.configuration.load import RememberedConfigurations
from wardrop.configuration.rules import Diagnose
from wardrop.environments.model import Environment, Event
from wardrop.evidence.gather import GatherEvidence
from wardrop.evidence.log_part import LogName
from wardrop.structs import replace

BEFORE_EVENT = timedelta(seconds=30)
"""The error event with the RequestId is at most so much older than the event that ends the update."""

RECENT = timedelta(minutes=10)
"""A completed update may be the reason for bad health for so long."""

MOST_EXPLAINED = 3
"""The number of alerts in one invocation for which a log is read. Many reads would delay the alerts."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class FailedUpdates:
    beanstalk: Beanstalk
    """The adapter for look-ups. It does not retry, because look-ups must not delay an alert."""

    evidence: GatherEvidence
    configurations: RememberedConfigurations

    def explained(self, alert: Alert, environment: Environment, since: datetime, now: datetime) -> Alert:
        """The alert with the cause of the newest update that failed since a time. Makes at most three calls.

        The alert stays as it is if `diagnose` is off, if there was no update, or if the log does not name the cause.
        """
        name = environment.name
        rules = self.configurations.in_force(environment.application, now).rules(name)
        if rules.diagnose is Diagnose.OFF:
            return alert
        try:
            request_id = request_of_failure(self.beanstalk.events(name, since), now)
            if request_id is None:
                return alert
            explanation = self.evidence.explain(LogName(environment.id, request_id), now)
        except Exception:  # A cause that cannot be looked up must not prevent the alert.
            _logger.exception("the failed update of %s could not be explained", name)
            return alert
        if explanation.cause is None:
            return alert
        text = f"{alert.text} {_as_sentence(explanation.sentence)}"
        return replace(alert, text=text, log_lines=explanation.cause.quotes, log=explanation.log)


def request_of_failure(events: Sequence[Event], now: datetime) -> str | None:
    """The RequestId of the newest update with an error event, or else of the newest recent update.

    `events` are in order, the oldest first.
    """
    own = [event for event in reversed(events) if event.request_id]
    failed = (event for event in own if event.is_error)
    recent = (event for event in own if now - event.at <= RECENT)
    return next((event.request_id for event in (*failed, *recent)), None)


def _as_sentence(clause: str) -> str:
    return f"{clause[:1].upper()}{clause[1:]}."
