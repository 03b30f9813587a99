"""Runs the schedules of EventBridge Scheduler that have a rate expression."""

import asyncio
import re
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from moto.scheduler.models import Schedule

from local.clock import Clock

UNIT_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}

SHORTEST_INTERVAL = timedelta(seconds=0.5)
"""The shortest interval in real seconds.

At a high speed, shorter intervals would use all of the machine's processor time.
"""


def seconds_of(expression: str) -> int:
    """Returns the interval of a rate expression, in seconds. Raises ValueError."""
    match = re.fullmatch(r"rate\(([1-9]\d*) (minute|hour|day)s?\)", expression)
    if not match:
        raise ValueError(f"Invalid Schedule Expression {expression}. Only rate() is supported here.")
    return int(match[1]) * UNIT_SECONDS[match[2]]


async def run(
    schedule: Schedule,
    clock: Clock,
    fire: Callable[[str], asyncio.Task[None] | None],
    may_overlap: Callable[[], object] = lambda: None,
) -> None:
    """Calls `fire` with the input of the schedule's target at each interval, as long as the stand-in runs.

    No invocation starts while the previous one is running, unless `may_overlap` returns true. The reason is that the
    stand-in's speed shortens the intervals but not the invocations, so invocations could accumulate.
    """
    interval = timedelta(seconds=seconds_of(schedule.schedule_expression) / clock.speed)
    every, due = max(interval, SHORTEST_INTERVAL), clock.now()
    invocation: asyncio.Task[None] | None = None
    while True:
        due += every
        await asyncio.sleep((due - clock.now()).total_seconds())
        is_free = invocation is None or invocation.done() or may_overlap()
        if schedule.state == "ENABLED" and is_free:
            invocation = fire(_input(schedule, due))


def _input(schedule: Schedule, due: datetime) -> str:
    """Returns the target's input with values for its context attributes (user guide, "Adding context attributes")."""
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
