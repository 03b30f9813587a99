"""Asynchronous invocation: Lambda's own queue before a function, with retries and a failure destination."""

import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.clock import Clock
from local.functions import Function, Outcome

RETRY_SECONDS = (60.0, 120.0)
"""Developer guide, "Error handling for asynchronous invocation"; divided by the stand-in's speed."""


@dataclass
class Asynchronous:
    function: Function
    clock: Clock
    send: Callable[[str, str], None]
    """Sends to a destination: (ARN, body)."""
    retries: int = 2
    maximum_age: float = 21600.0
    on_failure: str | None = None

    async def invoke(self, payload: bytes) -> None:
        began, count = time.monotonic(), 0
        while True:
            outcome = await self.function.invoke(payload)
            count += 1
            if outcome.error is None:
                return
            if count > self.retries:
                condition = "RetriesExhausted"
                break
            if time.monotonic() - began > self.maximum_age:
                condition = "EventAgeExceeded"
                break
            await self.clock.sleep(RETRY_SECONDS[min(count, 2) - 1])
        if self.on_failure:
            self.send(self.on_failure, json.dumps(self._failure(payload, outcome, condition, count)))

    def _failure(self, payload: bytes, outcome: Outcome, condition: str, count: int) -> dict[str, Any]:
        return {
            "version": "1.0",
            "timestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z",
            "requestContext": {
                "requestId": str(uuid.uuid4()),
                "functionArn": f"{self.function.arn}:$LATEST",
                "condition": condition,
                "approximateInvokeCount": count,
            },
            "requestPayload": json.loads(payload),
            "responseContext": {
                "statusCode": 200,
                "executedVersion": "$LATEST",
                "functionError": "Unhandled",
            },
            "responsePayload": json.loads(outcome.payload or b"null"),
        }
