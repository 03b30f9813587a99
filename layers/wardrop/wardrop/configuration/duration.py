"""Durations in the form 90s, 5m, 2h or 30d."""

import re
from datetime import timedelta
from typing import Any

_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1), "s": timedelta(seconds=1)}


class Duration(timedelta):
    """A timedelta that is written as a whole number and one unit, such as 5m."""

    @property
    def text(self) -> str:
        """The duration in the largest unit that leaves no remainder: 90 seconds is `90s`, and 120 seconds is `2m`."""
        unit = next((unit for unit, length in _UNITS.items() if self and not self % length), "s")
        return f"{self // _UNITS[unit]}{unit}"


def parse_duration(value: object) -> Duration:
    """Parses a duration. Raises a ValueError that states the allowed forms."""
    if isinstance(value, str) and (parts := re.fullmatch(r"([0-9]{1,6})([smhd])", value)):
        return Duration(seconds=int(parts[1]) * _UNITS[parts[2]].total_seconds())
    raise ValueError(f"{value!r} is not a duration such as 90s, 5m, 2h or 30d")


def decode_hook(kind: type, value: Any) -> Any:
    """Decodes a Duration for msgspec, which does not support the type."""
    if kind is Duration:
        return parse_duration(value)
    raise NotImplementedError(kind)


def encode_hook(value: Any) -> Any:
    """Encodes a Duration for msgspec, which does not support the type."""
    if isinstance(value, Duration):
        return value.text
    raise NotImplementedError(type(value))
