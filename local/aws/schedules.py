"""EventBridge Scheduler: schedules with a rate."""

import asyncio
import re
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from moto.scheduler.models import Schedule

from local.clock import Clock

UNIT_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}


def seconds_of(expression: str) -> int:
    """AWS's seconds between two invocations. Raises ValueError."""
    found = re.fullmatch(r"rate\(([1-9]\d*) (minute|hour|day)s?\)", expression)
    if not found:
        raise ValueError(f"Invalid Schedule Expression {expression}. Only rate() is supported here.")
    return int(found[1]) * UNIT_SECONDS[found[2]]


async def run(schedule: Schedule, clock: Clock, fire: Callable[[str], asyncio.Task[None] | None]) -> None:
    """Fires with the input of the schedule's target, as long as the stand-in runs.

    It does not fire before the last invocation has ended. Functions run in real time here: at a high speed, the
    invocations of a schedule that AWS would run once a minute would pile up.
    """
    every, due = timedelta(seconds=seconds_of(schedule.schedule_expression) / clock.speed), clock.now()
    invocation: asyncio.Task[None] | None = None
    while True:
        due += every
        await asyncio.sleep((due - clock.now()).total_seconds())
        if schedule.state == "ENABLED" and (invocation is None or invocation.done()):
            invocation = fire(_input(schedule, due))


def _input(schedule: Schedule, due: datetime) -> str:
    """User guide, "Adding context attributes"."""
    text = str(schedule.target.get("Input", "{}"))
    attributes = {
        "attempt-number": "1",
        "execution-id": str(uuid.uuid4()),
        "schedule-arn": schedule.arn,
        "scheduled-time": f"{due:%Y-%m-%dT%H:%M:%SZ}",
    }
    for name, value in attributes.items():
        text = text.replace(f"<aws.scheduler.{name}>", value)
    return text
