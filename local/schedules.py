"""EventBridge Scheduler: `rate()` runs SPEED times faster, `cron()` by the real clock."""

import asyncio
import re
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from local.clock import Clock

UNIT_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
FIELDS = (
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day", 1, 31),
    ("month", 1, 12),
    ("weekday", 1, 7),
    ("year", 1970, 2199),
)
NAMES = {
    name: number
    for names in ("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC", "SUN MON TUE WED THU FRI SAT")
    for number, name in enumerate(names.split(), start=1)
}


class InvalidExpression(ValueError):
    """The schedule expression is not one that AWS takes, or one that the stand-in does not know."""


@dataclass(frozen=True)
class Cron:
    """`cron(minute hour day month weekday year)`; L, W and # are not known here."""

    allowed: tuple[frozenset[int], ...]
    timezone: str = "UTC"

    def after(self, moment: datetime) -> datetime:
        minutes, hours, days, months, weekdays, years = self.allowed
        local = moment.astimezone(ZoneInfo(self.timezone))
        day = local.date()
        for _ in range(366 * 8):
            # Sunday is 1
            if day.year in years and day.month in months and day.day in days and day.isoweekday() % 7 + 1 in weekdays:
                for hour in sorted(hours):
                    for minute in sorted(minutes):
                        at = datetime(day.year, day.month, day.day, hour, minute, tzinfo=local.tzinfo)
                        if at > moment:
                            return at.astimezone(UTC)
            day += timedelta(days=1)
        raise InvalidExpression("the cron expression names no moment of the next eight years")


def parse(expression: str, timezone: str = "UTC") -> float | Cron:
    """AWS's seconds between two runs, or a cron. Raises InvalidExpression."""
    if found := re.fullmatch(r"rate\(([1-9]\d*) (minute|hour|day)(s?)\)", expression):
        return int(found[1]) * UNIT_SECONDS[found[2]]
    if found := re.fullmatch(r"cron\((.+)\)", expression):
        parts = found[1].split()
        if len(parts) != 6 or (parts[2] == "?") == (parts[4] == "?"):
            raise InvalidExpression(f"{expression}: six fields, and ? for either day-of-month or day-of-week")
        return Cron(tuple(_field(part, *field) for part, field in zip(parts, FIELDS, strict=True)), timezone)
    raise InvalidExpression(f"Invalid Schedule Expression {expression}.")


def _field(text: str, name: str, lowest: int, highest: int) -> frozenset[int]:
    values: set[int] = set()
    for item in text.upper().split(","):
        found = re.fullmatch(r"(\*|\?|\w+)(?:-(\w+))?(?:/(\d+))?", item)
        if not found:
            raise InvalidExpression(f"{name}: {item} is not known here")
        first, last, step = found.groups()
        low = lowest if first in "*?" else _number(first, name)
        high = _number(last, name) if last else highest if first in "*?" or step else low
        if not lowest <= low <= high <= highest:
            raise InvalidExpression(f"{name}: {item} is not within {lowest} to {highest}")
        values.update(range(low, high + 1, int(step or 1)))
    return frozenset(values)


def _number(text: str, name: str) -> int:
    if text in NAMES or text.isdigit():
        return NAMES[text] if text in NAMES else int(text)
    raise InvalidExpression(f"{name}: {text} is not known here")


async def run(
    expression: str,
    timezone: str,
    clock: Clock,
    arn: str,
    payload: str,
    fire: Callable[[str], Awaitable[None]],
) -> None:
    """Fires for ever, each time with the target's input, its placeholders filled."""
    every = parse(expression, timezone)
    due = clock.now()
    while True:
        due = every.after(clock.now()) if isinstance(every, Cron) else due + timedelta(seconds=every / clock.speed)
        await asyncio.sleep(max(0.0, (due - clock.now()).total_seconds()))
        filled = payload
        for name, value in {
            "schedule-arn": arn,
            "scheduled-time": f"{due.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "execution-id": str(uuid.uuid4()),
            "attempt-number": "1",
        }.items():
            filled = filled.replace(f"<aws.scheduler.{name}>", value)
        await fire(filled)
