"""The queue of post_to_slack: a FIFO queue with one message group for each channel, so that alerts keep their order."""

import hashlib
from typing import TYPE_CHECKING

import msgspec

from wardrop.alerts.model import Notification

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

WEBHOOK = "webhook"
"""The message group of an incoming webhook, which has one fixed channel."""


class SlackPosts:
    def __init__(self, sqs: "SQSClient", url: str) -> None:
        self._sqs = sqs
        self._url = url

    def put(self, notification: Notification) -> None:
        """Sends an alert to the queue. SQS drops the alert if the same alert was sent less than five minutes ago."""
        self._sqs.send_message(
            QueueUrl=self._url,
            MessageBody=msgspec.json.encode(notification).decode(),
            MessageGroupId=_group(notification.channel),
            MessageDeduplicationId=hashlib.sha256(notification.alert.alert_id.encode()).hexdigest(),
        )


def _group(channel: str | None) -> str:
    """Returns the message group of a channel. SQS accepts at most 128 ASCII characters, so other names are hashed."""
    if channel is None:
        return WEBHOOK
    plain = channel.isascii() and channel.isprintable() and " " not in channel and len(channel) <= 128
    return channel if plain else hashlib.sha256(channel.encode()).hexdigest()
