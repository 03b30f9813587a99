"""The state of a Slack workspace: channels, tokens, webhooks, messages, and rate limits."""

import threading
import time
from dataclasses import dataclass, field
from typing import Any

BOT_TOKEN = "xoxb-wardrop-test"
REVOKED_TOKEN = "xoxb-wardrop-revoked"
BOT_USER = "U0WARDROP01"
HERE = "C0WARDROP01"
CHANNELS = {
    HERE: ("wardrop", None),
    "C0ELSEWHERE": ("elsewhere", "not_in_channel"),
    "C0ARCHIVED1": ("archived", "is_archived"),
}
"""The channels, keyed by id. Each has a name and an error. If the error is not None, all posts to the channel fail."""
WEBHOOKS = {
    "T0WARDROP01/B0WARDROP01/wardrop-test": (200, "ok"),
    "T0RECEIVER1/B0EMPTY0001/wardrop-test": (204, ""),
    "T0RECEIVER1/B0NEWLINE01/wardrop-test": (200, "ok\n"),
    "T0RECEIVER1/B0JSON00001/wardrop-test": (200, '{"ok":true}'),
    "T0RECEIVER1/B0PAYLOAD01/wardrop-test": (400, "Bad payload received by generic incoming webhook."),
    "T0WARDROP01/B0ARCHIVED1/wardrop-test": (410, "channel_is_archived"),
    "T0WARDROP01/B0PROHIBIT1/wardrop-test": (403, "action_prohibited"),
    "T0WARDROP01/B0NOCHANNEL/wardrop-test": (404, "channel_not_found"),
    "T0WARDROP01/B0DISABLED1/wardrop-test": (404, "no_active_hooks"),
}
"""The incoming webhooks, keyed by path. Each has the status and the body of its responses.

If the status is 2xx, the message is posted to the first channel in CHANNELS. The webhooks of T0RECEIVER1 represent
programs other than Slack that accept the same requests.
"""


@dataclass
class Message:
    channel: str
    """The id of the channel."""
    ts: str
    text: str
    blocks: list[dict[str, Any]]
    attachments: list[dict[str, Any]]
    thread_ts: str | None = None
    by_webhook: bool = False
    edited: dict[str, str] | None = None

    def describe(self) -> dict[str, Any]:
        """Returns the message in the form of `/slack/messages`."""
        return {
            "channel": f"#{CHANNELS[self.channel][0]}",
            "ts": self.ts,
            "thread_ts": self.thread_ts,
            "text": self.text,
            "blocks": self.blocks,
            "attachments": self.attachments,
            "edited": self.edited,
        }


@dataclass
class Bucket:
    """A token bucket. It holds at most `size` tokens and gains `per_second` tokens per second."""

    size: float
    per_second: float
    _left: float = field(init=False)
    _since: float = field(init=False)

    def __post_init__(self) -> None:
        self._left, self._since = self.size, time.monotonic()

    def wait(self) -> float:
        """Takes a token and returns 0. If the bucket is empty, returns the seconds until the next token."""
        now = time.monotonic()
        self._left = min(self.size, self._left + (now - self._since) * self.per_second)
        self._since = now
        if self._left < 1:
            return (1 - self._left) / self.per_second
        self._left -= 1
        return 0.0


class Workspace:
    """The messages and rate limits. The class is thread-safe."""

    BURST = 5
    """The number of messages that a channel accepts at once. After that, the channel accepts one message per second.

    The number is an assumption, because Slack documents only "short bursts".
    """
    UPDATES_PER_MINUTE = 50
    """The rate limit of chat.update, a method of tier 3: https://docs.slack.dev/apis/web-api/rate-limits"""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self._lock = threading.Lock()
        self._last = 0
        self._buckets: dict[str, Bucket] = {}

    def seconds_to_wait(self, limited: str) -> float:
        """Returns the seconds until the request is accepted. The result is 0 if the request is accepted now.

        `limited` is the channel or webhook of a post, or "update".
        """
        with self._lock:
            if limited not in self._buckets:
                updates = self.UPDATES_PER_MINUTE
                bucket = Bucket(updates, updates / 60) if limited == "update" else Bucket(self.BURST, 1)
                self._buckets[limited] = bucket
            return self._buckets[limited].wait()

    def now(self) -> str:
        """Returns a timestamp that no other message has, because Slack identifies messages by their timestamps."""
        self._last = max(self._last + 1, time.time_ns() // 1000)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def post(self, channel: str, content: dict[str, Any], thread_ts: str | None, *, by_webhook: bool) -> Message:
        with self._lock:
            message = Message(channel, self.now(), thread_ts=thread_ts, by_webhook=by_webhook, **content)
            self.messages.append(message)
        return message

    def find(self, channel: str, ts: str) -> Message | None:
        return next((message for message in self.messages if (message.channel, message.ts) == (channel, ts)), None)

    def edit(self, message: Message, changes: dict[str, Any]) -> None:
        """Changes a message and records the edit. Slack's clients do not show that a message with blocks was edited."""
        with self._lock:
            for name, value in changes.items():
                setattr(message, name, value)
            message.edited = {"user": BOT_USER, "ts": self.now()}


def channel_named(given: str) -> str | None:
    """Returns the id of the channel with this id or name. A name may begin with #. None: the channel does not exist."""
    plain = given.removeprefix("#")
    return next((id_ for id_, (name, _) in CHANNELS.items() if given == id_ or plain == name), None)
