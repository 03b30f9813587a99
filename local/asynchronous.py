"""Asynchronous invocation: Lambda's own queue before a function, with retries, and EventBridge Scheduler."""

import asyncio
import json
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from local.clock import Clock
from local.functions import Function

RETRY_SECONDS = (60.0, 120.0)
"""Developer guide, "Error handling for asynchronous invocation"; divided by the stand-in's speed."""
UNIT_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}


@dataclass
class Asynchronous:
    function: Function
    clock: Clock
    failed: Callable[[str], None] = lambda _: None
    """Gets the invocation record of what failed for good."""
    retries: int = 2
    maximum_age: float = 21600.0

    async def invoke(self, payload: bytes) -> None:
        began, count = time.monotonic(), 1
        while (outcome := await self.function.invoke(payload)).error:
            exhausted = count > self.retries
            if exhausted or time.monotonic() - began > self.maximum_age:
                self.failed(self._record(payload, outcome.payload, count, exhausted))
                return
            await self.clock.sleep(RETRY_SECONDS[min(count, 2) - 1])
            count += 1

    def _record(self, payload: bytes, answer: bytes, count: int, exhausted: bool) -> str:
        record: dict[str, Any] = {
            "version": "1.0",
            "timestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z",
            "requestContext": {
                "requestId": str(uuid.uuid4()),
                "functionArn": f"{self.function.arn}:$LATEST",
                "condition": "RetriesExhausted" if exhausted else "EventAgeExceeded",
                "approximateInvokeCount": count,
            },
            "requestPayload": json.loads(payload),
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "responsePayload": json.loads(answer),
        }
        return json.dumps(record)


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
