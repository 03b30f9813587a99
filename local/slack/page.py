"""Makes an HTML page that shows a channel. Each message is in its edited form, with its replies below it."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, Template
from markupsafe import Markup

from local.slack import mrkdwn
from local.slack.workspace import CHANNELS, Message

COLOURS = {"good": "#2eb886", "warning": "#daa038", "danger": "#a30200"}


def page(messages: Sequence[Message], channel: str) -> str:
    """Returns the page as HTML. The content of messages is escaped."""
    here = [message for message in messages if CHANNELS[message.channel][0] == channel]
    replies: dict[str, list[Message]] = {}
    for message in here:
        if message.thread_ts:
            replies.setdefault(message.thread_ts, []).append(message)
    threads = [(message, replies.get(message.ts, [])) for message in here if not message.thread_ts]
    others = [
        name
        for name, _ in CHANNELS.values()
        if name != channel and any(CHANNELS[m.channel][0] == name for m in messages)
    ]
    return _template().render(channel=channel, channels=others, threads=threads)


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals |= {
        "colour": _colour, "mrkdwn": _mrkdwn, "plain": _plain, "safe": _safe, "text": _text, "time": _time,
    }  # fmt: skip
    return environment.get_template("page.html")


def _mrkdwn(value: Any) -> Markup:
    return mrkdwn.html(str(value))


def _plain(value: Any) -> Markup:
    return mrkdwn.plain(str(value))


def _text(given: Mapping[str, Any]) -> Markup:
    render = _mrkdwn if given.get("type") == "mrkdwn" else _plain
    return render(given.get("text", ""))


def _safe(url: Any) -> bool:
    return isinstance(url, str) and mrkdwn.SAFE_LINK.match(url) is not None


def _colour(value: Any) -> str:
    colour = COLOURS.get(str(value), str(value))
    return colour if re.fullmatch(r"#[0-9a-fA-F]{3,8}", colour) else "#dddddd"


def _time(ts: str) -> str:
    return f"{datetime.fromtimestamp(float(ts), UTC):%d %b %Y %H:%M:%S}"
