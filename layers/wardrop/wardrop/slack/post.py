"""Posts alerts to a Slack channel, in order and without repetition. If Slack cannot be reached, no alert is lost."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from wardrop.alerts.model import Notification
from wardrop.errors import NotNow, WardropError
from wardrop.foreign_json import decode
from wardrop.slack.channel import Channel
from wardrop.slack.connection import Connection
from wardrop.slack.delivery import Delivery
from wardrop.slack.errors import ChannelRefused, CredentialsRefused, LayoutRefused, Unreachable
from wardrop.slack.pace import Pace
from wardrop.slack.thread import Threads, by_subject

WEBHOOK = "webhook"
"""An incoming webhook has one fixed channel. Wardrop's records contain this name instead of the channel's name."""

NO_CHANNEL = (
    "no Slack channel is configured; set the stack's parameter SlackChannel, or the channel in the application's "
    "configuration"
)


_logger = logging.getLogger(__name__)


def read_notification(body: str) -> Notification:
    """Raises Malformed."""
    return decode(body, Notification, "an alert for Slack")


@dataclass
class BatchOutcome:
    """The outcome of a batch of alerts, keyed by alert id."""

    settled: set[str] = field(default_factory=set)
    """The alerts that were posted, and the alerts that need no post."""

    refused: dict[str, WardropError] = field(default_factory=dict)
    """The alerts that Slack refused, each with the error. They are not retried."""

    trouble: NotNow | None = None
    """The reason why all other alerts must be retried. None: no alert has to be retried."""

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
    """The channel for alerts without a channel. It is also the fallback if Slack refuses an alert in another channel.

    None: no default channel is configured.
    """

    def __call__(
        self, notifications: Sequence[Notification], now: datetime, seconds_left: Callable[[], float]
    ) -> BatchOutcome:
        """Posts the alerts of one channel, in order. `seconds_left` is the time until the invocation ends."""
        outcome = BatchOutcome()
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
                # Slack may be unreachable because the URL in the secret is wrong. The next call reads the secret again.
                self.connection.close()
        return outcome

    def _deliver(
        self,
        notifications: Sequence[Notification],
        now: datetime,
        seconds_left: Callable[[], float],
        outcome: BatchOutcome,
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
                _log(about)


def _log(notifications: Iterable[Notification]) -> None:
    for alert in (notification.alert for notification in notifications):
        keys = {"deployment_id": alert.deployment, "application": alert.application, "environment": alert.environment}
        _logger.info("posted to Slack: %s", alert.kind, extra=keys)
