"""Freeze windows: the hours of the week in which nothing may be deployed."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
FORM = '"Fri 16:00 - Mon 08:00 Asia/Seoul", or "22:00 - 06:00" for every day; without a time zone it is UTC'

_SIDE = rf"(?:({'|'.join(DAYS)}) )?([01][0-9]|2[0-3]):([0-5][0-9])"
_WINDOW = re.compile(rf"{_SIDE} ?- ?{_SIDE}(?: ([A-Za-z0-9_+/-]+))?")


@dataclass(frozen=True)
class Window:
    """From `start` to `end` after the beginning of the week, or of each day; local time, summer time included."""

    start: timedelta
    end: timedelta
    every: timedelta
    zone: tzinfo

    def holds(self, now: datetime) -> bool:
        local = now.astimezone(self.zone)
        since_monday = DAY * local.weekday() + timedelta(hours=local.hour, minutes=local.minute)
        at = since_monday % self.every
        return self.start <= at < self.end if self.start < self.end else at >= self.start or at < self.end


def window(text: str) -> Window:
    """Raises ValueError that says what is allowed."""
    found = _WINDOW.fullmatch(text)
    if found is None or (found[1] is None) != (found[4] is None):
        raise ValueError(f"{text!r} is not a freeze window such as {FORM}")
    start, end = _offset(found[1], found[2], found[3]), _offset(found[4], found[5], found[6])
    if start == end:
        raise ValueError(f"{text!r} begins when it ends: it would freeze for ever, or never")
    try:
        zone: tzinfo = ZoneInfo(found[7]) if found[7] else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{found[7]!r} in {text!r} is not an IANA time zone such as Asia/Seoul") from None
    return Window(start, end, WEEK if found[1] else DAY, zone)


def frozen(windows: list[str], now: datetime) -> str | None:
    """The window, as it is configured, in which `now` lies."""
    return next((text for text in windows if window(text).holds(now)), None)


def _offset(day: str | None, hour: str, minute: str) -> timedelta:
    return timedelta(days=DAYS.index(day) if day else 0, hours=int(hour), minutes=int(minute))
