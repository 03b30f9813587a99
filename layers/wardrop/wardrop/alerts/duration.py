"""Durations in texts for people."""

from datetime import timedelta

UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))


def lasting(duration: timedelta) -> str:
    """Formats a duration in its two largest units: `40 s`, `12 min`, `1 h 5 min`, `2 d 3 h`.

    A negative duration becomes `0 s`.
    """
    seconds = round(duration.total_seconds())
    parts = []
    for unit, size in UNITS:
        count, seconds = divmod(max(seconds, 0), size)
        if count:
            parts.append(f"{count} {unit}")
        elif parts:
            break
    return " ".join(parts[:2]) or "0 s"
