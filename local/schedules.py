"""EventBridge Scheduler: `rate()` runs SPEED times faster; `cron()` is not known here."""

import asyncio
import re
import uuid
from collections.abc import Callable
from datetime import UTC, timedelta

from local.clock import Clock

UNIT_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}


def seconds_of(expression: str) -> int:
    """AWS's seconds between two runs; raises ValueError."""
    found = re.fullmatch(r"rate\(([1-9]\d*) (minute|hour|day)s?\)", expression)
    if not found:
        raise ValueError(f"Invalid Schedule Expression {expression}. Only rate() is known here.")
    return int(found[1]) * UNIT_SECONDS[found[2]]


async def run(expression: str, clock: Clock, arn: str, payload: str, fire: Callable[[str], None]) -> None:
    """Fires for ever, each time with the target's input, its placeholders filled."""
    every, due = timedelta(seconds=seconds_of(expression) / clock.speed), clock.now()
    while True:
        due += every
        await asyncio.sleep(max(0.0, (due - clock.now()).total_seconds()))
        filled = payload
        for name, value in {
            "schedule-arn": arn,
            "scheduled-time": f"{due.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "execution-id": str(uuid.uuid4()),
            "attempt-number": "1",
        }.items():
            filled = filled.replace(f"<aws.scheduler.{name}>", value)
        fire(filled)
