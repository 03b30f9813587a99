"""Decides what a thread's message shows next, what is added to the thread, and which alerts are summarized."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from wardrop.alerts.kinds import Reach, Severity
from wardrop.alerts.model import Alert, Notification
from wardrop.slack.message import thread_entry
from wardrop.slack.thread import Thread, subject

LATE_AFTER = timedelta(minutes=10)


@dataclass(frozen=True)
class Plan:
    show: Notification | None = None
    """What the message shows. None: it does not change."""

    entries: list[str] = field(default_factory=list)
    """Of the reply in the thread. Empty: there is no reply."""

    first_entry: str | None = None
    """For the thread's record: the entry that only the message shows."""

    broadcast: bool = False
    """Whether the channel shows the reply too."""


def plan(thread: Thread, unsent: Sequence[Notification]) -> Plan:
    """`unsent` is in order. A change older than the one that the message shows only gets an entry."""
    if not unsent:
        return Plan(first_entry=thread.first_entry)
    show = _latest(unsent)
    if thread.ts is not None and show.alert.change < thread.change:
        return _entries(thread, unsent, None)
    return _entries(thread, unsent, show)


def _entries(thread: Thread, unsent: Sequence[Notification], show: Notification | None) -> Plan:
    alerts = [notification.alert for notification in unsent]
    entries = [thread_entry(alert) for alert in alerts if alert.kind.traits.reach >= Reach.THREAD]
    if thread.ts is None and len(alerts) == 1:
        # A reply would repeat the new message.
        return Plan(show, first_entry=entries[0] if entries else None)
    if not entries:
        return Plan(show, first_entry=thread.first_entry)
    before = [thread.first_entry] if thread.first_entry else []
    # A new message notifies everybody, an edited message and a reply do not.
    broadcast = thread.ts is not None and any(_needs_channel(alert) for alert in alerts)
    return Plan(show, before + entries, broadcast=broadcast)


def _latest(notifications: Sequence[Notification]) -> Notification:
    """The notification with the highest change. If there are several, the last of them."""
    return max(reversed(notifications), key=lambda notification: notification.alert.change)


def _needs_channel(alert: Alert) -> bool:
    return alert.severity is not Severity.INFO or alert.kind.traits.reach is Reach.CHANNEL


def late(notifications: Iterable[Notification], now: datetime) -> list[Notification]:
    """The alerts to summarize. A single late alert is sent like any other, so it is not among them.

    Example: at 12:00:00, the alerts of 11:45 and 11:49:59 are late, an alert of 11:50:00 is not.
    """
    delayed = [notification for notification in notifications if now - notification.alert.at > LATE_AFTER]
    return delayed if len(delayed) > 1 else []


def listed(notifications: Iterable[Notification]) -> list[Alert]:
    """The alerts that a summary lists: no intermediate steps, except the latest of each subject."""
    alerts = [notification.alert for notification in notifications]
    latest = {subject(alert): alert for alert in alerts}
    return [alert for alert in alerts if is_message(alert) or latest[subject(alert)] is alert]


def is_message(alert: Alert) -> bool:
    """Whether the alert is a message of its own where there are no threads."""
    return alert.kind.traits.reach >= Reach.MESSAGE
