"""Durations as people write them: 90s, 5m, 2h or 30d."""

import re
from datetime import timedelta
from typing import Any

_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1), "s": timedelta(seconds=1)}


class Duration(timedelta):
    """A timedelta that the configuration document and the ledger write as a number and one unit."""

    @property
    def text(self) -> str:
        """In the largest unit that divides it: 90 seconds are `90s`, 120 seconds are `2m`."""
        unit = next((unit for unit, length in _UNITS.items() if self and not self % length), "s")
        return f"{self // _UNITS[unit]}{unit}"


def parse_duration(value: object) -> Duration:
    """Raises ValueError that says which forms are allowed."""
    if isinstance(value, str) and (parts := re.fullmatch(r"([0-9]{1,6})([smhd])", value)):
        return Duration(seconds=int(parts[1]) * _UNITS[parts[2]].total_seconds())
    raise ValueError(f"{value!r} is not a duration such as 90s, 5m, 2h or 30d")


def decode_hook(kind: type, value: Any) -> Any:
    """For msgspec, which does not know Duration."""
    if kind is Duration:
        return parse_duration(value)
    raise NotImplementedError(kind)


def encode_hook(value: Any) -> Any:
    """For msgspec, which does not know Duration."""
    if isinstance(value, Duration):
        return value.text
    raise NotImplementedError(type(value))
