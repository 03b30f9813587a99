"""Beanstalk's events as EventBridge delivers them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from wardrop.environments.events import LAUNCH_ISSUES, reported_health
from wardrop.environments.model import ENVIRONMENT_NAME
from wardrop.errors import Malformed
from wardrop.health.alarm import ALARM_SOURCE, AlarmEvent
from wardrop.health.evidence import MAX_DATE_AHEAD, HealthEvent

MAX_MESSAGE = 500
"""Characters of a message that an alert quotes."""

EVENT_RETENTION = timedelta(days=14)
"""SQS keeps a message for at most two weeks, so an older date is wrong."""


class Detail(msgspec.Struct, frozen=True, rename="pascal"):
    status: str | None = None
    event_date: Any = None
    """Milliseconds since 1970."""

    application_name: str | None = None
    environment_name: str | None = None
    message: str | None = None
    severity: str | None = None


class BeanstalkEvent(msgspec.Struct, frozen=True, rename={"detail_type": "detail-type"}):
    """The envelope. Its `resources` are not read, because AWS's own samples contain the misspelling `arn:was`."""

    id: str
    detail_type: str
    detail: Detail

    @property
    def environment(self) -> str | None:
        name = self.detail.environment_name or ""
        return name if ENVIRONMENT_NAME.fullmatch(name) else None

    @property
    def application(self) -> str | None:
        """None if it is empty, as in some health events."""
        return self.detail.application_name or None

    @property
    def status(self) -> str:
        """In lower case."""
        return " ".join((self.detail.status or "").split()).casefold()

    @property
    def message(self) -> str:
        """On one line, and cut. Users of the AWS account can influence the text, so nothing in it is trusted."""
        text = " ".join((self.detail.message or "").split())
        return text if len(text) <= MAX_MESSAGE else f"{text[: MAX_MESSAGE - 1]}…"

    def at(self, now: datetime) -> datetime:
        """The time of the event; `now` if it has no date, or a wrong one."""
        date = self.detail.event_date
        if not isinstance(date, int | float) or not 0 < date < 1e14:
            return now
        at = datetime.fromtimestamp(date / 1000, UTC)
        return at if now - EVENT_RETENTION <= at <= now + MAX_DATE_AHEAD else now

    @property
    def severity(self) -> str:
        """In upper case. Empty if the event has none."""
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
    def is_start_of_update(self) -> bool:
        """AWS writes "managed updated started". Beanstalk reports restarts, rebuilds and swaps by no event."""
        return self.status in ("environment update started", "managed updated started", "managed update started")

    @property
    def is_launch_with_issues(self) -> bool:
        return self.status == "environment creation successful" and LAUNCH_ISSUES in self.message

    def health_event(self, now: datetime) -> HealthEvent | None:
        """None if the event reports no health status in any of Beanstalk's wordings."""
        if "health" not in f"{self.detail_type} {self.status}".lower():
            return None
        reported = reported_health(self.message)
        return HealthEvent(self.at(now), *reported) if reported else None


class _Envelope(msgspec.Struct, frozen=True):
    source: str = ""


def read_event(body: str) -> BeanstalkEvent | AlarmEvent:
    """Raises Malformed."""
    try:
        if msgspec.json.decode(body, type=_Envelope).source == ALARM_SOURCE:
            return msgspec.json.decode(body, type=AlarmEvent)
        return msgspec.json.decode(body, type=BeanstalkEvent)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise Malformed(f"the message is not an event of Elastic Beanstalk: {error}") from error
