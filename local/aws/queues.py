"""Simulates the event source mappings of SQS queues, and the messages that services send to queues."""

import asyncio
import contextlib
import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from moto.sqs.exceptions import ReceiptHandleIsInvalid
from moto.sqs.models import Message, Queue, SQSBackend, sqs_backends

from local.aws.functions import Function
from local.settings import ACCOUNT, REGION

FALLBACK_SECONDS = 0.5
"""The interval at which a mapping checks for messages whose delay or visibility timeout has ended."""
NO_LISTS: dict[str, list[Any]] = {"stringListValues": [], "binaryListValues": []}


def backend() -> SQSBackend:
    return sqs_backends[ACCOUNT][REGION]


def queue_of(arn: str) -> Queue:
    return backend().get_queue(arn.rsplit(":", 1)[1])


def send(arn: str, body: str, attributes: dict[str, str] | None = None) -> None:
    """Sends a message to a standard queue, as an AWS service does. The policy of the queue is not checked."""
    message, queue = Message(str(uuid.uuid4()), body), queue_of(arn)
    for name, value in (attributes or {}).items():
        message.message_attributes[name] = {"DataType": "String", "StringValue": value}
    # moto's send_message is not used, because it counts all messages of the queue at each call, which is slow.
    message.mark_sent(delay_seconds=queue.delay_seconds)
    queue.add_message(message)


@dataclass
class Mapping:
    """One event source mapping: reads a queue in batches, and invokes a function with each batch."""

    source_arn: str
    function: Function
    batch_size: int = 10
    window: float = 0.0
    partial: bool = False
    """Whether the function reports failed messages. If it does not, a batch fails or succeeds as a whole."""
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    """The sender of a message sets this event."""
    _running: set[asyncio.Task[None]] = field(default_factory=set)

    async def run(self) -> None:
        while True:
            while len(self._running) < self.function.concurrency and (batch := await self._collect()):
                task = asyncio.create_task(self._deliver(batch))
                self._running.add(task)
                task.add_done_callback(self._done)
            await self._wait(FALLBACK_SECONDS)

    async def _wait(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.woken.wait(), seconds)
        self.woken.clear()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self.woken.set()
        task.result()

    async def _collect(self) -> list[Message]:
        """Receives the visible messages and those that arrive within the batching window, up to the batch size."""
        batch, closes = self._receive(self.batch_size), time.monotonic() + self.window
        while batch and len(batch) < self.batch_size and (left := closes - time.monotonic()) > 0:
            await self._wait(left)
            batch += self._receive(self.batch_size - len(batch))
        return batch

    def _receive(self, count: int) -> list[Message]:
        queue = queue_of(self.source_arn)
        received: list[Message] = backend().receive_message(queue.name, count, 0, queue.visibility_timeout, ["All"])
        return received

    async def _deliver(self, batch: list[Message]) -> None:
        """Invokes the function.

        Deletes processed messages. Failed messages become visible again after their timeout.
        """
        event = {"Records": [record(message, self.source_arn) for message in batch]}
        outcome = await self.function.invoke(json.dumps(event).encode())
        every = {message.id for message in batch}
        failed = every if outcome.error else self._failed(outcome.payload, every)
        for message in batch:
            if message.id not in failed:
                # This error occurs if the visibility timeout has passed. In this case, the message can be received
                # again, and the next receiver deletes it.
                with contextlib.suppress(ReceiptHandleIsInvalid):
                    queue_of(self.source_arn).delete_message(message.receipt_handle)

    def _failed(self, payload: bytes, sent: set[str]) -> set[str]:
        """Returns the ids of the failed messages.

        If the response, or the list in the response, is empty or null, the batch has succeeded. If an itemIdentifier is
        unknown, empty or missing, or if the response is malformed in another way, the whole batch has failed (developer
        guide, "Implementing partial batch responses").
        """
        if not self.partial:
            return set()
        try:
            answer = json.loads(payload or b"null")
            reported = {failure["itemIdentifier"] for failure in (answer or {}).get("batchItemFailures") or []}
        except (ValueError, AttributeError, TypeError, KeyError):
            return sent
        return reported if reported <= sent else sent


def record(message: Message, queue_arn: str) -> dict[str, Any]:
    """Makes the record of a message in a Lambda event (developer guide, "Using Lambda with Amazon SQS")."""
    attributes = {
        "ApproximateReceiveCount": str(message.approximate_receive_count),
        "SentTimestamp": str(message.sent_timestamp),
        "SenderId": message.sender_id,
        "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
        "MessageGroupId": message.group_id,
        "MessageDeduplicationId": message.deduplication_id,
        "SequenceNumber": message.sequence_number,
    }
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": {name: value for name, value in attributes.items() if value is not None},
        "messageAttributes": {
            name: {"stringValue": given.get("StringValue"), "dataType": given["DataType"], **NO_LISTS}
            for name, given in message.message_attributes.items()
        },
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": REGION,
    }
