"""Checks the rules for every input: short lines without control characters, no secrets, and items of a limited size."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from tests.unit.world import World
from wardrop.alerts.document import publication
from wardrop.alerts.model import Alert, Notification
from wardrop.alerts.text import console
from wardrop.aws.ledger.item import serialized
from wardrop.slack.message import message, one_line, thread_entry

SECRET = "hunter2sEcReT"
"""A text that targets insert where a value may be secret. No output may contain it."""

MAX_ITEM_BYTES = 300_000
MAX_PARTITION_KEY, MAX_SORT_KEY = 2_048, 1_024
"""The limits of DynamoDB's keys, in bytes."""

MAX_TEXT = 4_000
MAX_MESSAGE_BYTES = 256 * 1024
"""The limit of SNS and SQS."""

MAX_BLOCK = 3_000
"""The limit of a text in a block (Slack's reference, "Section block")."""

_FORGES = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def check_line(text: str, limit: int = MAX_TEXT) -> None:
    """A text for people is one line without control characters."""
    assert len(text) <= limit, f"a text of {len(text)} characters: {text[:100]}"
    assert not _FORGES.search(text), f"a text with control characters: {text[:300]!r}"
    check_public(text)


def check_public(text: str) -> None:
    text.encode()
    assert SECRET not in text, f"a secret is shown: {text[:1000]!r}"


def check_world(world: World) -> None:
    """All items, alerts, tags and messages that the verbs have produced."""
    for item in world.table.items.values():
        size = len(msgspec.json.encode(serialized(item)))
        assert size <= MAX_ITEM_BYTES, f"an item of {size} bytes: {item['pk'][:100]} {item['sk'][:100]}"
        assert len(item["pk"].encode()) <= MAX_PARTITION_KEY
        assert len(item["sk"].encode()) <= MAX_SORT_KEY
        for text in _texts(item):
            check_public(text)
    for alert in world.alerts:
        check_alert(alert)
    for tags in world.bundles.tags.values():
        assert len(tags) <= 10
        for value in tags.values():
            check_line(value, 256)


def check_alert(alert: Alert) -> None:
    for name in alert.__struct_fields__:
        value = getattr(alert, name)
        for text in _texts(value):
            check_line(text)
    link = console(alert.environment_id, "us-east-1", "aws") if alert.environment_id else None
    check_notification(Notification(alert=alert, link=link))


def check_notification(notification: Notification) -> None:
    published = publication(notification)
    check_line(published.subject, 99)
    assert published.subject.isascii()
    for line in published.text.split("\n"):
        check_line(line)
    check_public(published.document)
    assert len(published.document.encode()) + len(published.text.encode()) <= MAX_MESSAGE_BYTES
    assert len(msgspec.json.encode(notification)) <= MAX_MESSAGE_BYTES
    shown = message(notification, [notification.alert] * 3, "note")
    for text in [*_texts(msgspec.to_builtins(shown)), thread_entry(notification.alert), one_line(notification.alert)]:
        assert len(text) <= MAX_BLOCK + 1_000
        check_public(text)
        assert not re.search("[\x00-\x09\x0b-\x1f\u202a-\u202e]", text)


def check_answer(body: str) -> None:
    """The body of an HTTP answer. Lambda accepts 6 MB."""
    assert len(body) <= 1_000_000, f"an answer of {len(body)} characters"
    answer = msgspec.json.decode(body)
    for name in ("reason", "advice", "text", "sentence"):
        if isinstance(answer.get(name), str):
            check_line(answer[name])


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for name, inner in value.items():
                yield from _texts(name)
                yield from _texts(inner)
        case msgspec.Struct():
            for name in value.__struct_fields__:
                yield from _texts(getattr(value, name))
        case Iterable() if not isinstance(value, bytes):
            for inner in value:
                yield from _texts(inner)
