"""SQS queues as Lambda reads them: event source mappings, and what services send to queues."""

import asyncio
import contextlib
import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from moto.events.models import EventPattern
from moto.sqs.models import Message, Queue, SQSBackend, sqs_backends

from local.functions import Function
from local.settings import ACCOUNT, REGION

FALLBACK_SECONDS = 0.5
"""How often a mapping looks without being woken: for messages whose delay or visibility timeout ran out."""
PAYLOAD_LIMIT = 6 * 1024 * 1024


def backend() -> SQSBackend:
    return sqs_backends[ACCOUNT][REGION]


def queue_of(arn: str) -> Queue:
    return backend().get_queue(arn.rsplit(":", 1)[1])


def send(arn: str, body: str, attributes: dict[str, str] | None = None, group: str | None = None) -> None:
    """A message as a service of AWS sends it."""
    given = {name: {"DataType": "String", "StringValue": value} for name, value in (attributes or {}).items()}
    queue = queue_of(arn)
    unique = str(uuid.uuid4()) if queue.fifo_queue else None
    group = (group or "default") if queue.fifo_queue else None
    backend().send_message(queue.name, body, given, None, unique, group)


@dataclass
class Mapping:
    """One event source mapping: reads a queue in batches and invokes a function with each."""

    queue_arn: str
    function: Function
    batch_size: int = 10
    window: float = 0.0
    concurrency: int = 4
    partial: bool = False
    """Whether the function reports which messages failed; otherwise a batch fails or succeeds as a whole."""
    patterns: list[EventPattern] = field(default_factory=list)
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _running: set[asyncio.Task[None]] = field(default_factory=set)

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        while True:
            while len(self._running) < self.concurrency and (batch := await self._collect()):
                task = asyncio.create_task(self._deliver(batch))
                self._running.add(task)
                task.add_done_callback(self._done)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), FALLBACK_SECONDS)
            self._woken.clear()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._woken.set()
        task.result()

    async def _collect(self) -> list[Message]:
        """A batch: what is there, or with a batching window all that arrives until it is full or over."""
        batch = self._receive(self.batch_size)
        closes = time.monotonic() + self.window
        while batch and self.window and len(batch) < self.batch_size and _bytes(batch) < PAYLOAD_LIMIT:
            left = closes - time.monotonic()
            if left <= 0:
                break
            self._woken.clear()
            try:
                await asyncio.wait_for(self._woken.wait(), left)
            except TimeoutError:
                break
            batch += self._receive(self.batch_size - len(batch))
        return batch

    def _receive(self, count: int) -> list[Message]:
        queue = queue_of(self.queue_arn)
        received = backend().receive_message(queue.name, count, 0, queue.visibility_timeout, ["All"])
        wanted = []
        for message in received:
            # Lambda deletes what its filters do not let through
            if self._passes(message):
                wanted.append(message)
            else:
                queue.delete_message(message.receipt_handle)
        return wanted if wanted or not received else self._receive(count)

    def _passes(self, message: Message) -> bool:
        if not self.patterns:
            return True
        seen = record(message, self.queue_arn)
        with contextlib.suppress(ValueError):
            seen["body"] = json.loads(message.body)
        return any(pattern.matches_event(seen) for pattern in self.patterns)

    async def _deliver(self, batch: list[Message]) -> None:
        """What succeeded is deleted; what failed comes back when its visibility timeout is over."""
        event = {"Records": [record(message, self.queue_arn) for message in batch]}
        outcome = await self.function.invoke(json.dumps(event).encode())
        failed = None if outcome.error else self._failed(outcome.payload, {message.id for message in batch})
        for message in batch:
            if failed is not None and message.id not in failed:
                queue_of(self.queue_arn).delete_message(message.receipt_handle)

    def _failed(self, payload: bytes, sent: set[str]) -> set[str] | None:
        """The ids that the function reports as failed; None if its answer condemns the whole batch.

        Developer guide, "Implementing partial batch responses": success is an empty or null list or answer;
        an unknown, empty or missing itemIdentifier, or another shape, fails the batch.
        """
        if not self.partial:
            return set()
        try:
            answer = json.loads(payload or b"null")
            failures = (answer or {}).get("batchItemFailures") or []
            reported = {failure["itemIdentifier"] for failure in failures}
        except (ValueError, AttributeError, TypeError, KeyError):
            return None
        return reported if reported <= sent else None


def record(message: Message, queue_arn: str) -> dict[str, Any]:
    """As Lambda hands a message over; developer guide, "Using Lambda with Amazon SQS"."""
    attributes = {
        "ApproximateReceiveCount": str(message.approximate_receive_count),
        "SentTimestamp": str(message.sent_timestamp),
        "SenderId": message.sender_id,
        "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
    }
    if message.group_id is not None:
        attributes["MessageGroupId"] = message.group_id
    if message.sequence_number is not None:
        attributes["SequenceNumber"] = message.sequence_number
        attributes["MessageDeduplicationId"] = message.deduplication_id
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": attributes,
        "messageAttributes": {
            name: {
                "stringValue": value.get("StringValue"),
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": value["DataType"],
            }
            for name, value in message.message_attributes.items()
        },
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": REGION,
    }


def _bytes(batch: list[Message]) -> int:
    return sum(len(message.body) for message in batch)
