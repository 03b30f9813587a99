"""Adds the cause from the deployment log to alerts about updates that Wardrop did not start.

The name of the log contains the RequestId of the update. Events from EventBridge do not contain the RequestId, so
Wardrop calls DescribeEvents.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wardrop.alerts.model import Alert
from wardrop.aws.beanstalk import Beanstalk
from wardrop.configuration.load import RememberedConfigurations
from wardrop.configuration.rules import Diagnose
from wardrop.environments.events import LOGS_REQUESTED
from wardrop.environments.model import Environment, Event
from wardrop.errors import NotNow
from wardrop.evidence.explanation import Explanation
from wardrop.evidence.gather import GatherEvidence
from wardrop.evidence.log_part import LogName
from wardrop.structs import replace

BEFORE_EVENT = timedelta(seconds=30)
"""The maximum time between the error event with the RequestId and the event that ends the update."""

RECENT = timedelta(minutes=10)
"""The time after the end of an update during which the update may explain bad health."""

MOST_EXPLAINED = 3
"""The largest number of alerts in one invocation for which a log is read. Many reads would delay the alerts."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class FailedUpdates:
    beanstalk: Beanstalk
    """The adapter for look-ups. It does not retry, because look-ups must not delay an alert."""

    evidence: GatherEvidence
    configurations: RememberedConfigurations

    def explained(self, alert: Alert, environment: Environment, since: datetime, now: datetime) -> Alert:
        """Adds the cause of the failure if the newest operation since `since` failed. Makes at most three calls.

        Nothing is added if `diagnose` is off, if there was no operation, or if the log does not name the cause.
        """
        rules = self.configurations.for_alerts(environment.application, now).rules(environment.name)
        explanation = None if rules.diagnose is Diagnose.OFF else self._explanation(environment, since, now)
        if explanation is None or explanation.cause is None:
            return alert
        text = f"{alert.text} {_as_sentence(explanation.sentence)}"
        return replace(alert, text=text, log_lines=explanation.cause.quotes, log=explanation.log)

    def _explanation(self, environment: Environment, since: datetime, now: datetime) -> Explanation | None:
        """Returns the cause of the failure, or None if there was no operation or if its events cannot be read.

        An error must not prevent the alert.
        """
        name = environment.name
        try:
            request_id = request_of_failure(self.beanstalk.events(name, since), now)
            return self.evidence.explain(LogName(environment.id, request_id), now) if request_id else None
        except NotNow as error:
            _logger.info("the failed update of %s is not explained: %s", name, error.reason)
        except Exception:  # a missing explanation must not prevent the alert
            _logger.exception("the failed update of %s could not be explained", name)
        return None


def request_of_failure(events: Sequence[Event], now: datetime) -> str | None:
    """Returns the RequestId of the newest operation, if the operation has an error event or is recent.

    An older operation explains nothing, because a newer operation has replaced its result. Requests for logs do not
    count as operations. `events` are in order of time.
    """
    for_logs = {event.request_id for event in events if event.message == LOGS_REQUESTED}
    own = [event for event in events if event.request_id and event.request_id not in for_logs]
    if not own:
        return None
    newest = own[-1]
    has_failed = any(event.is_error for event in own if event.request_id == newest.request_id)
    return newest.request_id if has_failed or now - newest.at <= RECENT else None


def _as_sentence(clause: str) -> str:
    return f"{clause[:1].upper()}{clause[1:]}."
