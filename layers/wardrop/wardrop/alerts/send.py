"""What people should know, from the ledger to the SNS topic, and to Slack's queue if there is Slack."""

import logging
from dataclasses import dataclass
from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError

from wardrop.alerts.document import publication
from wardrop.alerts.kinds import Reach
from wardrop.alerts.model import Alert, Notification
from wardrop.alerts.text import console
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.slack_posts import SlackPosts
from wardrop.aws.topic import Topic
from wardrop.configuration.load import RememberedConfigurations

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Slack:
    """Where Slack's posts go, and the channel of what has none of its own."""

    posts: SlackPosts
    configurations: RememberedConfigurations
    channel: str | None
    """None: an incoming webhook, which is bound to one channel."""

    def channel_of(self, application: str | None, now: datetime) -> str | None:
        """The stack's own where no application's can be had: word must not wait for a configuration."""
        if self.channel is None or application is None:
            return self.channel
        try:
            return self.configurations.in_force(application, now).slack.channel or self.channel
        except (ClientError, BotoCoreError) as error:
            _logger.warning("the channel of %s is not known: %s", application, error)
            return self.channel


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
            channel = self.slack.channel_of(alert.application, now)
            self.slack.posts.put(Notification(alert=alert, link=link, channel=channel))
        if alert.kind.traits.reach >= Reach.THREAD:
            self.topic.publish(publication(notification))
        self.ledger.sent(alert)
        return True
