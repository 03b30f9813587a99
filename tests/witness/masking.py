"""Replaces account ids, names, ids, addresses and times in recordings.

The same recording always gets the same masks: values of a kind are numbered in the order of their first appearance.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

TIME = "<time>"

PATTERNS = {
    "principal": re.compile(r"arn:aws[a-z-]*:(?:iam|sts)::[^\s\"',]+"),
    "run": re.compile(r"wardrop-witness-[0-9a-f]{6}", re.IGNORECASE),
    "key": re.compile(r"\b(?:AKIA|ASIA|AROA|AIDA|AIPA)[A-Z0-9]{12,}\b"),
    "request": re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"),
    "time": re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)?"),
    "e": re.compile(r"\be-[a-z0-9]{10}\b"),
    "ip": re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b|\bip-\d{1,3}(?:-\d{1,3}){3}\b"),
    "account": re.compile(r"(?<!\d)\d{12}(?!\d)"),
    "suffix": re.compile(r"(?<=-stack-)(?!<)[A-Za-z0-9-]{8,}"),
    "AWSEB": re.compile(r"AWSEB[A-Za-z]*-(?!\d+\b)[A-Za-z0-9][A-Za-z0-9./-]*"),
    "cname": re.compile(r"(?<=\.)(?:eba-)?[a-z0-9]{8,12}(?=\.[a-z0-9-]+\.elasticbeanstalk\.com)"),
}
"""In this order. The name of the kind is the beginning of its masks."""

EC2 = re.compile(r"\b([a-z]{1,8})-([0-9a-f]{17}|[0-9a-f]{8})\b")
"""Ids of EC2's resources, such as instances (`i-…`) and security groups (`sg-…`). The masks keep the prefix."""


class Unmasked(Exception):
    """A value that must not be published is in a recording. The message does not contain the value."""


class Mask:
    """Masks values. `names` are literal texts, such as the name of the run, with their masks."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = sorted(((text, mask) for text, mask in names.items() if text), key=lambda each: -len(each[0]))
        self._numbers: dict[str, dict[str, int]] = {}

    def __call__(self, value: Any) -> Any:
        match value:
            case dict():
                return {self._text(str(name)): self(held) for name, held in value.items()}
            case list() | tuple():
                return [self(each) for each in value]
            case datetime():
                return TIME
            case str():
                return self._text(value)
            case float():
                return round(value, 6)
            case int() if PATTERNS["account"].search(str(value)):
                return self._text(str(value))
        return value

    def _text(self, text: str) -> str:
        for name, mask in self._names:
            text = re.sub(re.escape(name), mask, text, flags=re.IGNORECASE)
        text = EC2.sub(lambda found: self._number(found[1], found[0]), text)
        for kind, pattern in PATTERNS.items():
            text = pattern.sub(partial(self._masked, kind), text)
        return text

    def _masked(self, kind: str, found: re.Match[str]) -> str:
        return TIME if kind == "time" else self._number(kind, found[0])

    def _number(self, kind: str, value: str) -> str:
        numbers = self._numbers.setdefault(kind, {})
        return f"{kind}-{numbers.setdefault(value, len(numbers) + 1)}"


def check(text: str, names: Iterable[str]) -> None:
    """Raises Unmasked if the text of a recording contains a name or a value that looks like an id or an address."""
    for name in names:
        if name and name.lower() in text.lower():
            raise Unmasked("a name of this run is in a recording")
    found = [
        kind for kind in ("principal", "run", "key", "request", "ip", "account", "e") if PATTERNS[kind].search(text)
    ]
    if found or EC2.search(text):
        raise Unmasked(f"a value that looks like this is in a recording: {', '.join(found) or 'an id of EC2'}")
