"""Durations and times, as people read them."""

from datetime import datetime, timedelta

MINUTE, HOUR, DAY = 60, 3600, 86_400


def duration(span: timedelta) -> str:
    """The duration in the largest unit that fits: `42 s`, `5 min`, `3 h`, `12 d`."""
    seconds = max(0, int(span.total_seconds()))
    if seconds < MINUTE:
        return f"{seconds} s"
    if seconds < HOUR:
        return f"{seconds // MINUTE} min"
    return f"{seconds // HOUR} h" if seconds < 2 * DAY else f"{seconds // DAY} d"


def ago(at: datetime, now: datetime) -> str:
    return f"{duration(now - at)} ago"


def local(at: datetime) -> str:
    """The time in the time zone of the terminal."""
    return f"{at.astimezone():%Y-%m-%d %H:%M}"


def clock_time(at: datetime) -> str:
    """The time in the time zone of the terminal."""
    return f"{at.astimezone():%H:%M:%S}"
