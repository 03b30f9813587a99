"""Asynchronous invocations of functions, with retries, and with a record of each invocation that finally fails."""

import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.aws.functions import Function
from local.clock import Clock, timestamp

RETRY_SECONDS = (60.0, 120.0)
"""The waits before the first and the second retry of a failed invocation, in simulated seconds.

Source: developer guide, "Error handling for asynchronous invocation".
"""

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 1.0, 300.0
"""The shortest and the longest wait before a throttled invocation is retried, in simulated seconds (same page).

After the maximum event age, the invocation is not retried.
"""


@dataclass
class Asynchronous:
    function: Function
    clock: Clock
    failed: Callable[[str], None] = lambda _: None
    """Called with the record of an invocation that failed and is not retried again."""
    retries: int = 2
    maximum_age: float = 21600.0

    async def invoke(self, payload: bytes) -> None:
        began, count, wait = time.monotonic(), 1, FIRST_WAIT_SECONDS
        while (outcome := await self.function.invoke(payload)).error:
            if outcome.is_throttled and time.monotonic() - began <= self.maximum_age:
                await self.clock.sleep(wait)
                wait = min(2 * wait, LONGEST_WAIT_SECONDS)
                continue
            exhausted = count > self.retries and not outcome.is_throttled
            if exhausted or time.monotonic() - began > self.maximum_age:
                self.failed(self._record(payload, outcome.payload, count, exhausted=exhausted))
                return
            await self.clock.sleep(RETRY_SECONDS[min(count, 2) - 1])
            count += 1

    def _record(self, payload: bytes, answer: bytes, count: int, *, exhausted: bool) -> str:
        record: dict[str, Any] = {
            "version": "1.0",
            "timestamp": timestamp(datetime.now(UTC)),
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
