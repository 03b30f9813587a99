"""EventBridge Scheduler: what runs at a rate."""

import asyncio
import re
import uuid
from collections.abc import Callable
from datetime import timedelta

from local.clock import Clock

UNIT_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}


def seconds_of(expression: str) -> int:
    """AWS's seconds between two runs of a schedule; raises ValueError."""
    found = re.fullmatch(r"rate\(([1-9]\d*) (minute|hour|day)s?\)", expression)
    if not found:
        raise ValueError(f"Invalid Schedule Expression {expression}. Only rate() is known here.")
    return int(found[1]) * UNIT_SECONDS[found[2]]


async def schedule(
    expression: str, clock: Clock, arn: str, payload: str, fire: Callable[[str], asyncio.Task[None] | None]
) -> None:
    """Fires for ever, each time with the target's input, its placeholders filled.

    While the last invocation goes on none is made: functions run in real time, and what is over within AWS's minute
    would at a high speed pile up here.
    """
    every, due = timedelta(seconds=seconds_of(expression) / clock.speed), clock.now()
    invocation: asyncio.Task[None] | None = None
    while True:
        due += every
        await asyncio.sleep((due - clock.now()).total_seconds())
        if invocation is not None and not invocation.done():
            continue
        filled = payload.replace("<aws.scheduler.schedule-arn>", arn).replace("<aws.scheduler.attempt-number>", "1")
        filled = filled.replace("<aws.scheduler.scheduled-time>", f"{due:%Y-%m-%dT%H:%M:%SZ}")
        invocation = fire(filled.replace("<aws.scheduler.execution-id>", str(uuid.uuid4())))
