"""Slack messages, and the blocks of Slack's Block Kit that they contain.

Slack's limits are 50 blocks in a message, 3,000 characters in a section, 2,000 characters in a field, 10 fields in a
section, and about 13,000 characters in total. Only attachments have a coloured bar. Slack's client hides all blocks
after the fifth block of an attachment.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

Block = dict[str, Any]
"""A block. An empty block is omitted from the message."""


class SlackMessage(msgspec.Struct, frozen=True):
    text: str
    """The text for notifications and screen readers. If Slack refuses the blocks, only this text is posted."""

    blocks: list[Block] = []
    attachments: list[dict[str, Any]] = []

    @property
    def plain(self) -> "SlackMessage":
        return SlackMessage(self.text)


def with_bar(text: str, title: str, colour: str, blocks: Iterable[Block]) -> SlackMessage:
    """Returns a message with a title above the blocks, and with a coloured bar beside the blocks."""
    beside = [block for block in blocks if block]
    return SlackMessage(text, [section(title)], [{"color": colour, "blocks": beside}] if beside else [])


def section(text: str) -> Block:
    return {"type": "section", "text": _text(text)} if text else {}


def fields(texts: Sequence[str]) -> Block:
    return {"type": "section", "fields": [_text(text) for text in texts]} if texts else {}


def context(text: str) -> Block:
    return {"type": "context", "elements": [_text(text)]}


def _text(text: str) -> dict[str, Any]:
    # Without `verbatim`, Slack turns names, channels and addresses in the text into links.
    return {"type": "mrkdwn", "text": text, "verbatim": True}
