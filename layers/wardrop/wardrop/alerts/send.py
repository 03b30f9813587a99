"""Sends an alert from the ledger to the SNS topic, and to the queue of post_to_slack if Slack is configured."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from wardrop.alerts.document import publication
from wardrop.alerts.kinds import Reach
from wardrop.alerts.model import Alert, Notification
from wardrop.alerts.text import console
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.slack_posts import SlackPosts
from wardrop.aws.topic import Topic
from wardrop.errors import Unavailable
from wardrop.structs import replace

_logger = logging.getLogger(__name__)


class ChannelOf(Protocol):
    def __call__(self, application: str, now: datetime, /) -> str | None:
        """The channel that the application's configuration names. Raises Unavailable."""


@dataclass(frozen=True)
class SlackRoute:
    """Which queue an alert for Slack goes to, and which channel."""

    posts: SlackPosts
    channel_of: ChannelOf
    default_channel: str | None
    """None: the one channel of an incoming webhook."""

    def queue(self, notification: Notification, now: datetime) -> None:
        channel = self._channel(notification.alert.application, now)
        self.posts.put(replace(notification, channel=channel))

    def _channel(self, application: str | None, now: datetime) -> str | None:
        """If the configuration cannot be read, the alert does not wait. It goes to the default channel."""
        if self.default_channel is None or application is None:
            return self.default_channel
        try:
            return self.channel_of(application, now) or self.default_channel
        except Unavailable as error:
            _logger.warning("the default channel gets an alert: %s", error.reason)
            return self.default_channel


@dataclass(frozen=True)
class SendAlerts:
    ledger: Ledger
    topic: Topic
    slack: SlackRoute | None
    """None: Slack is not configured."""

    region: str
    partition: str

    def __call__(self, alert: Alert, now: datetime) -> bool:
        """False if the alert was sent before. After an error, all of it is retried. Only e-mail may be sent twice."""
        if not self.ledger.alerts.is_unsent(alert):
            return False
        link = console(alert.environment_id, self.region, self.partition) if alert.environment_id else None
        notification = Notification(alert=alert, link=link)
        if self.slack is not None:
            # The queue to Slack drops duplicates, the topic does not, so the topic is last.
            self.slack.queue(notification, now)
        if alert.kind.traits.reach >= Reach.THREAD:
            self.topic.publish(publication(notification))
        self.ledger.alerts.mark_sent(alert)
        return True
