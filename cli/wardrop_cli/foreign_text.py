"""Cleans text of the stack, of Beanstalk and of users, so that it cannot control the terminal."""

import re

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_DIRECTION_MARKS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Invisible characters that can make a string look like another string."""


def one_line(text: str, limit: int | None = None) -> str:
    line = _DIRECTION_MARKS.sub("", _CONTROLS.sub(" ", text))
    return line if limit is None or len(line) <= limit else f"{line[: limit - 1]}…"


def lines(text: str) -> list[str]:
    """The lines of a text, for logs. Tabs become spaces."""
    return [one_line(line) for line in text.expandtabs(4).splitlines()]
