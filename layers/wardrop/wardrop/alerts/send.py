"""Sends an alert from the ledger to the SNS topic, and to the queue of post_to_slack if Slack is configured."""

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
from wardrop.structs import replace


class ChannelOf(Protocol):
    def __call__(self, application: str, now: datetime, /) -> str | None:
        """Returns the Slack channel in the application's configuration.

        None: no channel is configured, or the configuration cannot be read.
        """


@dataclass(frozen=True)
class SlackRoute:
    """Sends alerts to the queue of post_to_slack, and chooses their channels."""

    posts: SlackPosts
    channel_of: ChannelOf
    default_channel: str | None
    """The stack's default channel. None: an incoming webhook is configured, which has one fixed channel."""

    def queue(self, notification: Notification, now: datetime) -> None:
        channel = self._channel(notification.alert.application, now)
        self.posts.put(replace(notification, channel=channel))

    def _channel(self, application: str | None, now: datetime) -> str | None:
        """Returns the application's channel.

        If its configuration names no channel or cannot be read, the default channel.
        """
        if self.default_channel is None or application is None:
            return self.default_channel
        return self.channel_of(application, now) or self.default_channel


@dataclass(frozen=True)
class SendAlerts:
    ledger: Ledger
    topic: Topic
    slack: SlackRoute | None
    """None: Slack is not configured."""

    region: str
    partition: str

    def __call__(self, alert: Alert, now: datetime) -> bool:
        """Returns False if the alert had already been sent. A retry after an error may send the e-mail twice."""
        if not self.ledger.alerts.is_unsent(alert):
            return False
        link = console(alert.environment_id, self.region, self.partition) if alert.environment_id else None
        notification = Notification(alert=alert, link=link)
        if self.slack is not None:
            # The alert goes to the queue first. If publishing to the topic then fails, both steps are retried, and SQS
            # drops the duplicate in the queue.
            self.slack.queue(notification, now)
        if alert.kind.traits.reach >= Reach.THREAD:
            self.topic.publish(publication(notification))
        self.ledger.alerts.mark_sent(alert)
        return True
