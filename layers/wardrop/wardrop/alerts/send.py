"""What people should know, from the ledger to the SNS topic, and to Slack's queue if there is Slack."""

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

_logger = logging.getLogger(__name__)


class ChannelOf(Protocol):
    def __call__(self, application: str, now: datetime, /) -> str | None:
        """The channel that the application's configuration names. Raises Unavailable."""


@dataclass(frozen=True)
class Slack:
    """Where posts are queued, and for which channel."""

    posts: SlackPosts
    channel_of: ChannelOf
    default_channel: str | None
    """None: an incoming webhook, which is bound to one channel."""

    def channel(self, application: str | None, now: datetime) -> str | None:
        """An alert does not wait for a configuration: the default channel gets it."""
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
    slack: Slack | None
    region: str
    partition: str

    def __call__(self, alert: Alert, now: datetime) -> bool:
        """False if it was sent already. What raises is tried again as a whole: a letter may repeat, a post does not."""
        if not self.ledger.waits(alert):
            return False
        link = console(alert.environment_id, self.region, self.partition) if alert.environment_id else None
        notification = Notification(alert=alert, link=link)
        if self.slack is not None:
            # Slack's queue drops doubles and nothing else does, so the topic comes last.
            channel = self.slack.channel(alert.application, now)
            self.slack.posts.put(Notification(alert=alert, link=link, channel=channel))
        if alert.kind.traits.reach >= Reach.THREAD:
            self.topic.publish(publication(notification))
        self.ledger.sent(alert)
        return True
