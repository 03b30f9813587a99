"""The Slack channel of the stand-in, as lines of text."""

from collections.abc import Iterator
from typing import Any

from local.cloud import Cloud


def channel(cloud: Cloud) -> Iterator[str]:
    """Returns the titles of the messages, the oldest first. The titles of a message's replies follow its own title.

    Slack's rate limit of one message a second can delay alerts. If one reply reports several delayed alerts, it has
    several titles.
    """
    messages = cloud.control("GET", "/slack/messages")
    for message in messages:
        if message["thread_ts"] is None:
            title, *_ = _lines(message)
            yield title
            replies = (reply for reply in messages if reply["thread_ts"] == message["ts"])
            yield from (f"    ↳ {line}" for reply in replies for line in _lines(reply))


def is_up_to_date(cloud: Cloud) -> bool:
    """Whether the queue of messages to Slack is empty."""
    url = cloud.resources["SlackPosts"]["ref"]
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    counts = cloud.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return not any(map(int, counts.values()))


def _lines(message: dict[str, Any]) -> list[str]:
    return str(message["text"]).replace("*", "").splitlines()
