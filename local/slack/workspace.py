"""The state of Slack: channels, tokens, webhooks, messages, and rate limits."""

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
"""By id, the name of the channel and the error of posting there."""
WEBHOOKS: dict[str, tuple[int, str] | None] = {
    "T0WARDROP01/B0WARDROP01/wardrop-test": None,
    "T0WARDROP01/B0ARCHIVED1/wardrop-test": (410, "channel_is_archived"),
    "T0WARDROP01/B0PROHIBIT1/wardrop-test": (403, "action_prohibited"),
    "T0WARDROP01/B0NOCHANNEL/wardrop-test": (404, "channel_not_found"),
    "T0WARDROP01/B0DISABLED1/wardrop-test": (404, "no_active_hooks"),
}
"""The incoming webhooks of the first channel, with the error of each. Any other is `no_service`."""


@dataclass
class Message:
    channel: str
    """Its id."""
    ts: str
    text: str
    blocks: list[dict[str, Any]]
    attachments: list[dict[str, Any]]
    thread_ts: str | None = None
    by_webhook: bool = False
    edited: dict[str, str] | None = None

    def shown(self) -> dict[str, Any]:
        """As the control door shows it."""
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
    """A token bucket: `size` at once, then `per_second`."""

    size: float
    per_second: float
    _left: float = field(init=False)
    _since: float = field(init=False)

    def __post_init__(self) -> None:
        self._left, self._since = self.size, time.monotonic()

    def wait(self) -> float:
        """Takes a token and returns 0, or returns the seconds until there is one."""
        now = time.monotonic()
        self._left = min(self.size, self._left + (now - self._since) * self.per_second)
        self._since = now
        if self._left < 1:
            return (1 - self._left) / self.per_second
        self._left -= 1
        return 0.0


class Workspace:
    """Several threads use it."""

    BURST = 5
    """Messages that a channel accepts at once. Slack's documents say "short bursts". After that it is one a second."""
    UPDATES_PER_MINUTE = 50
    """Of chat.update, tier 3; https://docs.slack.dev/apis/web-api/rate-limits"""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self._lock = threading.Lock()
        self._last = 0
        self._buckets: dict[str, Bucket] = {}

    def seconds_to_wait(self, what: str) -> float:
        """0 if a message to this channel or webhook, or an update, is accepted now."""
        with self._lock:
            if what not in self._buckets:
                updates = self.UPDATES_PER_MINUTE
                self._buckets[what] = Bucket(updates, updates / 60) if what == "update" else Bucket(self.BURST, 1)
            return self._buckets[what].wait()

    def now(self) -> str:
        """A timestamp that no message has yet."""
        self._last = max(self._last + 1, time.time_ns() // 1000)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def post(self, channel: str, content: dict[str, Any], thread_ts: str | None, by_webhook: bool) -> Message:
        with self._lock:
            message = Message(channel, self.now(), thread_ts=thread_ts, by_webhook=by_webhook, **content)
            self.messages.append(message)
        return message

    def find(self, channel: str, ts: str) -> Message | None:
        return next((one for one in self.messages if (one.channel, one.ts) == (channel, ts)), None)

    def edit(self, message: Message, changes: dict[str, Any]) -> None:
        """The message is marked as edited, although Slack's clients do not show that for a message with blocks."""
        with self._lock:
            for name, value in changes.items():
                setattr(message, name, value)
            message.edited = {"user": BOT_USER, "ts": self.now()}


def channel_named(given: str) -> str | None:
    """The id of a channel, from its id or its name, with or without #."""
    wanted = given.removeprefix("#")
    return next((id_ for id_, (name, _) in CHANNELS.items() if given == id_ or wanted == name), None)
