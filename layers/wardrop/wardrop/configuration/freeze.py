"""Freeze windows. A freeze window is a part of the day or the week during which no deployment starts."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
FORM = '"Fri 16:00 - Mon 08:00 Asia/Seoul", or "22:00 - 06:00" for every day; without a time zone, the times are in UTC'

_SIDE = rf"(?:({'|'.join(DAYS)}) )?([01][0-9]|2[0-3]):([0-5][0-9])"
_WINDOW = re.compile(rf"{_SIDE} ?- ?{_SIDE}(?: ([A-Za-z0-9_+/-]+))?")


@dataclass(frozen=True)
class FreezeWindow:
    """A freeze window.

    `start` and `end` are the times since the beginning of the day or the week. They are in local time, which includes
    daylight saving time.
    """

    start: timedelta
    end: timedelta
    period: timedelta
    """Either WEEK or DAY."""

    zone: tzinfo

    def contains(self, now: datetime) -> bool:
        """Whether the window contains the time. `Fri 16:00 - Mon 08:00` contains Sat 12:00 and Mon 07:59."""
        local = now.astimezone(self.zone)
        since_monday = DAY * local.weekday() + timedelta(hours=local.hour, minutes=local.minute)
        at = since_monday % self.period
        return self.start <= at < self.end if self.start < self.end else at >= self.start or at < self.end


def parse_window(text: str) -> FreezeWindow:
    """Parses a freeze window. Raises a ValueError that states the allowed forms."""
    parts = _WINDOW.fullmatch(text)
    if parts is None or (parts[1] is None) != (parts[4] is None):
        raise ValueError(f"{text!r} is not a freeze window such as {FORM}")
    start, end = _offset(parts[1], parts[2], parts[3]), _offset(parts[4], parts[5], parts[6])
    if start == end:
        raise ValueError(f"{text!r} begins and ends at the same time, so it could mean always or never")
    try:
        zone: tzinfo = ZoneInfo(parts[7]) if parts[7] else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{parts[7]!r} in {text!r} is not an IANA time zone such as Asia/Seoul") from None
    return FreezeWindow(start, end, WEEK if parts[1] else DAY, zone)


def active_window(windows: list[str], now: datetime) -> str | None:
    """Returns the first window that contains `now`, as it is written in the configuration.

    None: no window contains it.
    """
    return next((text for text in windows if parse_window(text).contains(now)), None)


def _offset(day: str | None, hour: str, minute: str) -> timedelta:
    return timedelta(days=DAYS.index(day) if day else 0, hours=int(hour), minutes=int(minute))
