"""What is told where: a message for each deployment and incident, edited as it proceeds, its changes in the thread."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

from wardrop.alerts.kinds import Reach, Severity
from wardrop.alerts.model import Alert, Notification
from wardrop.slack.message import told

KEPT = timedelta(days=30)
KEPT_IDS = 50
STALE = timedelta(minutes=10)


class Thread(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel has been told of one deployment or incident, or by one alert that is about neither."""

    channel: str = ""
    """Slack's id of the channel where it is; the configured one may be a name, and may not have let us in."""

    ts: str | None = None
    """Of the message that shows the present state, by which Slack knows it; None if there is none."""

    change: int = -1
    """The latest that the message shows."""

    told: list[str] = []
    """The last alerts' ids."""

    first: str | None = None
    """What only the message says so far, as the thread will tell it once the message is edited."""

    note: str | None = None
    """Why it is in this channel."""

    expires_at: int = 0
    unknown: dict[str, Any] = {}

    def after(self, alerts: Iterable[Alert], now: datetime) -> "Thread":
        ids = [*self.told, *(alert.alert_id for alert in alerts)]
        return msgspec.structs.replace(
            self, told=list(dict.fromkeys(ids))[-KEPT_IDS:], expires_at=int((now + KEPT).timestamp())
        )

    def lost(self) -> "Thread":
        """Its message is gone from Slack."""
        return msgspec.structs.replace(self, channel="", ts=None, change=-1, first=None, note=None)

    def untold(self, notifications: Iterable[Notification]) -> list[Notification]:
        new = {one.alert.alert_id: one for one in notifications if one.alert.alert_id not in self.told}
        return list(new.values())


@dataclass(frozen=True)
class Plan:
    """What there is to do in Slack about one deployment, incident or alert."""

    show: Notification | None = None
    """What its message shows from now on; None if that is to stay as it is."""

    tell: list[str] = field(default_factory=list)
    """The changes that its thread is told."""

    first: str | None = None
    everybody: bool = False
    """Whether the channel sees what the thread is told."""


def subject(alert: Alert) -> str:
    return alert.deployment or alert.incident or alert.alert_id


def by_subject(notifications: Iterable[Notification]) -> dict[str, list[Notification]]:
    found: dict[str, list[Notification]] = {}
    for one in notifications:
        found.setdefault(subject(one.alert), []).append(one)
    return found


def plan(thread: Thread, new: Sequence[Notification]) -> Plan:
    """`new` has not been told in this thread and is in order; a change older than what is shown is only told."""
    if not new:
        return Plan(first=thread.first)
    latest = max(enumerate(new), key=lambda one: (one[1].alert.change, one[0]))[1]
    show = latest if thread.ts is None or latest.alert.change >= thread.change else None
    changes = [told(one.alert) for one in new if one.alert.kind.traits.reach >= Reach.THREAD]
    if thread.ts is None and len(new) == 1:
        # The message says it all; a reply that says the same would only be noise.
        return Plan(show, [], changes[0] if changes else None)
    if not changes:
        return Plan(show, [], thread.first)
    everybody = thread.ts is not None and any(_concerns_everybody(one.alert) for one in new)
    return Plan(show, [*filter(None, [thread.first]), *changes], None, everybody)


def stale(notifications: Iterable[Notification], now: datetime) -> list[Notification]:
    """Those that are better told together; one alone is told as any other."""
    late = [one for one in notifications if now - one.alert.at > STALE]
    return late if len(late) > 1 else []


def worth_telling(notifications: Iterable[Notification]) -> list[Alert]:
    """What a summary lists: everything but the steps on the way, and of each subject the latest."""
    alerts = [one.alert for one in notifications]
    latest = {subject(alert): alert for alert in alerts}
    return [alert for alert in alerts if alert.kind.traits.reach >= Reach.MESSAGE or latest[subject(alert)] is alert]


def _concerns_everybody(alert: Alert) -> bool:
    return alert.severity is not Severity.INFO or alert.kind.traits.reach is Reach.CHANNEL
