"""Decides what a message shows, what is added to its thread, and which alerts are summarized."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from wardrop.alerts.kinds import Reach, Severity
from wardrop.alerts.model import Alert, Notification
from wardrop.slack.message import thread_entry
from wardrop.slack.thread import Thread, subject

LATE_AFTER = timedelta(minutes=10)


@dataclass(frozen=True)
class ThreadPlan:
    show: Notification | None = None
    """The alert that the message shows. None: the message does not change."""

    entries: list[str] = field(default_factory=list)
    """The entries of the reply. If the list is empty, there is no reply."""

    first_entry: str | None = None
    """The thread entry of the alert that a new message shows. It is recorded, and the first reply begins with it."""

    broadcast: bool = False
    """Whether the channel also shows the reply."""


def plan(thread: Thread, unsent: Sequence[Notification]) -> ThreadPlan:
    """Plans how the unsent alerts are posted. They are in order.

    If the message already shows a later change than the unsent alerts, the message stays as it is.
    """
    if not unsent:
        return ThreadPlan(first_entry=thread.first_entry)
    show = _latest(unsent)
    if thread.ts is not None and show.alert.change < thread.change:
        return _entries(thread, unsent, None)
    return _entries(thread, unsent, show)


def _entries(thread: Thread, unsent: Sequence[Notification], show: Notification | None) -> ThreadPlan:
    alerts = [notification.alert for notification in unsent]
    entries = [thread_entry(alert) for alert in alerts if alert.kind.traits.reach >= Reach.THREAD]
    if thread.ts is None and len(alerts) == 1:
        # There is no reply, because it would only repeat the text of the new message.
        return ThreadPlan(show, first_entry=entries[0] if entries else None)
    if not entries:
        return ThreadPlan(show, first_entry=thread.first_entry)
    before = [thread.first_entry] if thread.first_entry else []
    # Slack notifies the whole channel of a new message, but not of an edited message or a reply.
    broadcast = thread.ts is not None and any(_needs_channel(alert) for alert in alerts)
    return ThreadPlan(show, before + entries, broadcast=broadcast)


def _latest(notifications: Sequence[Notification]) -> Notification:
    """Returns the alert with the highest change number, or the last of them if several alerts have this number."""
    return max(reversed(notifications), key=lambda notification: notification.alert.change)


def _needs_channel(alert: Alert) -> bool:
    return alert.severity is not Severity.INFO or alert.kind.traits.reach is Reach.CHANNEL


def late(notifications: Iterable[Notification], now: datetime) -> list[Notification]:
    """Returns the late alerts if there are at least two. A single late alert is not summarized.

    Example: at 12:00:00, the alerts of 11:45 and 11:49:59 are late. An alert of 11:50:00 is not late.
    """
    delayed = [notification for notification in notifications if now - notification.alert.at > LATE_AFTER]
    return delayed if len(delayed) > 1 else []


def listed(notifications: Iterable[Notification]) -> list[Alert]:
    """Returns the alerts that a summary lists.

    An intermediate step is listed only if it is its subject's latest alert.
    """
    alerts = [notification.alert for notification in notifications]
    latest = {subject(alert): alert for alert in alerts}
    return [alert for alert in alerts if is_message(alert) or latest[subject(alert)] is alert]


def is_message(alert: Alert) -> bool:
    """Whether the alert is posted as a separate message to an incoming webhook, because a webhook has no threads."""
    return alert.kind.traits.reach >= Reach.MESSAGE
