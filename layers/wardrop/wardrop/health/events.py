"""Beanstalk's events in the envelope of EventBridge."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from wardrop.environments.events import LAUNCH_ISSUES, reported_health
from wardrop.environments.model import ENVIRONMENT_NAME
from wardrop.foreign_json import decode
from wardrop.health.alarm import ALARM_SOURCE, AlarmEvent
from wardrop.health.evidence import MAX_DATE_AHEAD, HealthEvent

MAX_MESSAGE = 500
"""The longest message in an alert, in characters."""

EVENT_RETENTION = timedelta(days=14)
"""The greatest possible age of an event, because SQS keeps a message for at most two weeks."""


class Detail(msgspec.Struct, frozen=True, rename="pascal"):
    status: str | None = None
    event_date: Any = None
    """Milliseconds since 1970."""

    application_name: str | None = None
    environment_name: str | None = None
    message: str | None = None
    severity: str | None = None


class BeanstalkEvent(msgspec.Struct, frozen=True, rename={"detail_type": "detail-type"}):
    """An event. Its field `resources` is not read, because AWS's own samples contain the misspelling `arn:was`."""

    id: str
    detail_type: str
    detail: Detail

    @property
    def environment(self) -> str | None:
        name = self.detail.environment_name or ""
        return name if ENVIRONMENT_NAME.fullmatch(name) else None

    @property
    def application(self) -> str | None:
        """The application of the event. None: the event names no application. Some health events name none."""
        return self.detail.application_name or None

    @property
    def status(self) -> str:
        """The status in lower case."""
        return " ".join((self.detail.status or "").split()).casefold()

    @property
    def message(self) -> str:
        """The text as one line, truncated. It is untrusted, because users of the AWS account can influence it."""
        text = " ".join((self.detail.message or "").split())
        return text if len(text) <= MAX_MESSAGE else f"{text[: MAX_MESSAGE - 1]}…"

    def at(self, now: datetime) -> datetime:
        """The time of the event. If the date is missing or impossible, the time is `now`."""
        date = self.detail.event_date
        if not isinstance(date, int | float) or not 0 < date < 1e14:
            return now
        at = datetime.fromtimestamp(date / 1000, UTC)
        return at if now - EVENT_RETENTION <= at <= now + MAX_DATE_AHEAD else now

    @property
    def severity(self) -> str:
        """The severity in upper case. It is empty if the event has no severity."""
        return (self.detail.severity or "").strip().upper()

    @property
    def is_about_termination(self) -> bool:
        return self.status.startswith("environment termination")

    @property
    def is_terminated(self) -> bool:
        return self.status == "environment termination successful"

    @property
    def is_failed_update(self) -> bool:
        return self.status == "environment update failed"

    @property
    def may_have_log(self) -> bool:
        """Whether the event reports the failure of an operation that has a deployment log."""
        return self.is_failed_update or self.status in ("managed update failed", "environment creation failed")

    @property
    def is_start_of_update(self) -> bool:
        """Whether an update has started. "Managed updated started" is AWS's spelling. Restarts send no event."""
        return self.status in ("environment update started", "managed updated started", "managed update started")

    @property
    def is_launch_with_issues(self) -> bool:
        return self.status == "environment creation successful" and LAUNCH_ISSUES in self.message

    def health_event(self, now: datetime) -> HealthEvent | None:
        """Returns the reported health, or None if Wardrop recognizes no health status in the event."""
        if "health" not in f"{self.detail_type} {self.status}".lower():
            return None
        reported = reported_health(self.message)
        return HealthEvent(self.at(now), *reported) if reported else None


class _Envelope(msgspec.Struct, frozen=True):
    source: str = ""


def read_event(body: str) -> BeanstalkEvent | AlarmEvent:
    """Raises Malformed."""
    name = "an event of Elastic Beanstalk"
    if decode(body, _Envelope, name).source == ALARM_SOURCE:
        return decode(body, AlarmEvent, name)
    return decode(body, BeanstalkEvent, name)
