"""Posts alerts to a Slack channel: in order, each once, and none is lost while Slack cannot be reached."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from wardrop.alerts.model import Notification
from wardrop.errors import Malformed, NotNow, WardropError
from wardrop.slack.channel import Channel
from wardrop.slack.connection import Connection
from wardrop.slack.delivery import Delivery
from wardrop.slack.errors import ChannelRefused, CredentialsRefused, LayoutRefused, Unreachable
from wardrop.slack.pace import Pace
from wardrop.slack.thread import Threads, by_subject

WEBHOOK = "webhook"
"""Names the one channel of an incoming webhook."""

NO_CHANNEL = "set SlackChannel or the channel in the application's configuration: neither of them names a channel"


def read_notification(body: str) -> Notification:
    """Raises Malformed."""
    try:
        return msgspec.json.decode(body, type=Notification)
    except msgspec.MsgspecError as error:
        raise Malformed(f"the message is not an alert for Slack: {error}") from error


@dataclass
class Outcome:
    """By the ids of the alerts."""

    settled: set[str] = field(default_factory=set)
    """Alerts that were posted, or that do not have to be posted."""

    refused: dict[str, WardropError] = field(default_factory=dict)
    """No retry can help."""

    trouble: NotNow | None = None
    """Why all other alerts have to be retried. None: there are no others."""

    def holds(self, notification: Notification) -> bool:
        return notification.alert.alert_id in self.settled or notification.alert.alert_id in self.refused

    def settle(self, notifications: Iterable[Notification]) -> None:
        self.settled |= {notification.alert.alert_id for notification in notifications}

    def refuse(self, notifications: Iterable[Notification], error: WardropError) -> None:
        self.refused |= {notification.alert.alert_id: error for notification in notifications}


@dataclass(frozen=True)
class PostToSlack:
    connection: Connection
    threads: Threads
    pace: Pace
    default_channel: str | None
    """For alerts without a channel, and for alerts that their channel refuses. None: there is none."""

    def __call__(
        self, notifications: Sequence[Notification], now: datetime, seconds_left: Callable[[], float]
    ) -> Outcome:
        """All are for one channel, in order. `seconds_left` says how long the invocation may still take."""
        outcome = Outcome()
        try:
            try:
                self._deliver(notifications, now, seconds_left, outcome)
            except CredentialsRefused:
                if not self.connection.renew():
                    raise
                self._deliver(notifications, now, seconds_left, outcome)
        except NotNow as trouble:
            outcome.trouble = trouble
            if isinstance(trouble, Unreachable):
                # The secret may contain a wrong address that somebody corrects.
                self.connection.close()
        return outcome

    def _deliver(
        self,
        notifications: Sequence[Notification],
        now: datetime,
        seconds_left: Callable[[], float],
        outcome: Outcome,
    ) -> None:
        remaining = [notification for notification in notifications if not outcome.holds(notification)]
        if not remaining:
            return
        slack = self.connection.slack()
        name = (remaining[0].channel or self.default_channel) if slack.edits else WEBHOOK
        if name is None:
            outcome.refuse(remaining, ChannelRefused(NO_CHANNEL))
            return
        channel = Channel(name, self.default_channel, slack, self.pace, seconds_left)
        delivery, subjects = Delivery(channel, self.threads, now), by_subject(remaining)
        threads = delivery.send_late(subjects)
        for subject, about in subjects.items():
            try:
                delivery.send(subject, threads[subject], about)
            except (ChannelRefused, LayoutRefused) as error:
                outcome.refuse(about, type(error)(f"Slack refused the alert in {name}: {error.reason}"))
            else:
                outcome.settle(about)
