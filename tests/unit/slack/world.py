"""Slack in memory, the verb that posts to Slack, and alerts to post."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

from tests.unit.samples import NOW
from tests.unit.slack.test_message import deployed, notification
from wardrop.alerts.kinds import Kind, Severity
from wardrop.alerts.model import Alert, Notification, new_alert
from wardrop.errors import Unavailable, WardropError
from wardrop.slack.api import Posted, Slack
from wardrop.slack.blocks import SlackMessage
from wardrop.slack.connection import Connection
from wardrop.slack.errors import ChannelRefused, MessageGone
from wardrop.slack.pace import Pace
from wardrop.slack.post import BatchOutcome, PostToSlack
from wardrop.slack.thread import Threads

LATER = NOW + timedelta(seconds=5)
PLENTY = 60.0
STEPS = (
    Kind.DEPLOYMENT_QUEUED,
    Kind.DEPLOYMENT_STARTED,
    Kind.DEPLOYMENT_PROGRESSED,
    Kind.DEPLOYMENT_BAKING,
    Kind.DEPLOYMENT_SUCCEEDED,
)


@dataclass
class InChannel:
    channel: str
    message: SlackMessage
    thread_ts: str | None = None
    broadcast: bool = False

    @property
    def text(self) -> str:
        return json.dumps(msgspec.to_builtins(self.message), ensure_ascii=False)


class FakeSlack:
    """Accepts what `closed` channels and `refusals`, one for each call, do not refuse."""

    def __init__(self, *, edits: bool = True) -> None:
        self.edits = edits
        self.messages: dict[str, InChannel] = {}
        self.posted = 0
        self.refusals: list[WardropError | None] = []
        self.closed: set[str] = set()
        self.calls: list[str] = []

    def post(self, channel: str, message: SlackMessage) -> Posted:
        self._call("post")
        if channel in self.closed:
            raise ChannelRefused("not_in_channel")
        return Posted(f"id of {channel}", self._add(InChannel(channel, message)))

    def edit(self, posted: Posted, message: SlackMessage) -> None:
        self._call("edit")
        if posted.ts not in self.messages:
            raise MessageGone("message_not_found")
        assert posted.channel == f"id of {self.messages[posted.ts].channel}"
        self.messages[posted.ts].message = message

    def reply(self, posted: Posted, message: SlackMessage, *, broadcast: bool) -> None:
        self._call("reply")
        if posted.ts not in self.messages:
            raise MessageGone("thread_not_found")
        self._add(InChannel(posted.channel, message, posted.ts, broadcast))

    def _call(self, name: str) -> None:
        self.calls.append(name)
        if self.refusals and (error := self.refusals.pop(0)):
            raise error

    def _add(self, message: InChannel) -> str:
        self.posted += 1
        ts = f"{self.posted}.0"
        self.messages[ts] = message
        return ts

    @property
    def roots(self) -> list[InChannel]:
        return [message for message in self.messages.values() if message.thread_ts is None]

    @property
    def replies(self) -> list[InChannel]:
        return [message for message in self.messages.values() if message.thread_ts is not None]


class FakeTime:
    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    @property
    def pace(self) -> Pace:
        return Pace(self, self.sleep)


@dataclass
class FakeSecret:
    text: str | None = "the secret"
    reads: int = 0

    def read(self) -> str:
        self.reads += 1
        if self.text is None:
            raise Unavailable("there is none")
        return self.text


@dataclass
class World:
    threads: Threads
    slack: FakeSlack = field(default_factory=FakeSlack)
    secret: FakeSecret = field(default_factory=FakeSecret)
    time: FakeTime = field(default_factory=FakeTime)
    default_channel: str | None = "#wardrop"
    left: float = PLENTY
    connect: Callable[[str], Slack] | None = None

    def __post_init__(self) -> None:
        connection = Connection(self.secret, self.connect or (lambda _: self.slack))
        self.post = PostToSlack(connection, self.threads, self.time.pace, self.default_channel)

    def send(self, *alerts: Alert | Notification, now: datetime = LATER) -> BatchOutcome:
        notifications = [alert if isinstance(alert, Notification) else notification(alert) for alert in alerts]
        return self.post(notifications, now, lambda: self.left - self.time.now)


def change(number: int, kind: Kind = Kind.DEPLOYMENT_STARTED, **differs: Any) -> Alert:
    """Of one deployment."""
    alert = deployed(kind, f"change {number}", change=number, **differs)
    return msgspec.structs.replace(alert, alert_id=f"{alert.deployment}/{number}/{kind}")


def incident(number: int, kind: Kind = Kind.INCIDENT_OPENED, severity: Severity = Severity.ERROR) -> Alert:
    return new_alert(
        kind, f"i-1/{number}", NOW, f"{kind}", severity=severity, environment="shop-prod", incident="i-1", change=number
    )


def rejected(number: int = 1, **differs: Any) -> Alert:
    alert = new_alert(Kind.DROP_REJECTED, f"drop-{number}", NOW, f"no {number}", application="shop")
    return msgspec.structs.replace(alert, **differs)
