"""The record of the message and the thread for one deployment, one incident, or one other alert."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec

from wardrop.alerts.model import Alert, Notification
from wardrop.structs import replace

KEPT_FOR = timedelta(days=30)
MAX_ALERT_IDS = 50


class Thread(msgspec.Struct, frozen=True, kw_only=True):
    """A message with the current state, and the thread of this message."""

    channel: str = ""
    """The Slack id of the channel that contains the message.

    If Slack refused the message in the alert's channel, this is the id of the fallback channel.
    """

    ts: str | None = None
    """The message's id in Slack. None: no message has been posted."""

    change: int = -1
    """The number of the change that the message shows. Each deployment and each incident numbers its own changes."""

    alert_ids: list[str] = []
    """The ids of the most recent alerts that were posted."""

    first_entry: str | None = None
    """The thread entry of the alert that a new message shows. The first reply begins with this entry."""

    note: str | None = None
    """The reason why the message is in a fallback channel. None: the message is in the intended channel."""

    expires_at: int = 0
    unknown: dict[str, Any] = {}

    def with_alerts(self, alerts: Iterable[Alert], now: datetime) -> "Thread":
        ids = dict.fromkeys([*self.alert_ids, *(alert.alert_id for alert in alerts)])
        return replace(self, alert_ids=list(ids)[-MAX_ALERT_IDS:], expires_at=int((now + KEPT_FOR).timestamp()))

    def without_message(self) -> "Thread":
        return replace(self, channel="", ts=None, change=-1, first_entry=None, note=None)

    def unsent(self, notifications: Iterable[Notification]) -> list[Notification]:
        """Returns the alerts that have not been posted, in order and without duplicates."""
        by_id = {notification.alert.alert_id: notification for notification in notifications}
        return [notification for alert_id, notification in by_id.items() if alert_id not in self.alert_ids]


class Threads(Protocol):
    def read(self, channel: str, subject: str) -> Thread: ...

    def keep(self, channel: str, subject: str, thread: Thread) -> None: ...


def subject(alert: Alert) -> str:
    return alert.deployment or alert.incident or alert.alert_id


def by_subject(notifications: Iterable[Notification]) -> dict[str, list[Notification]]:
    subjects: dict[str, list[Notification]] = {}
    for notification in notifications:
        subjects.setdefault(subject(notification.alert), []).append(notification)
    return subjects
