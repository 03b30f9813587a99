"""Simulates event source mappings of DynamoDB streams (developer guide, "Using AWS Lambda with Amazon DynamoDB")."""

import asyncio
import contextlib
import json
import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import StreamShard, Table
from moto.events.models import EventPattern, EventPatternParser

from local.aws.functions import Function
from local.aws.processes import Outcome
from local.clock import Clock, timestamp
from local.faults import Faults
from local.settings import ACCOUNT, REGION

FOR_EVER = -1
LONGEST_WAIT_SECONDS = 60.0
"""The longest wait before a batch is retried.

The first wait is one second, and each further wait is twice as long as the wait before. The waits are divided by the
stand-in's speed.
"""

Record = dict[str, Any]


def arn_of(table: Table) -> str:
    return f"{table.table_arn}/stream/{table.latest_stream_label}"


def shard_of(stream_arn: str) -> StreamShard | None:
    """Returns the only shard of a stream. None: the stream does not exist."""
    table = (
        dynamodb_backends[ACCOUNT][REGION].tables.get(stream_arn.split("/")[1]) if "/stream/" in stream_arn else None
    )
    return table.stream_shard if table is not None and arn_of(table) == stream_arn else None


def patterns_of(criteria: dict[str, Any]) -> list[EventPattern]:
    """Returns the patterns of a mapping's FilterCriteria. Raises moto's InvalidEventPatternException."""
    texts = [_text(given["Pattern"]) for given in criteria.get("Filters", [])]
    return [EventPattern(text, EventPatternParser(text).parse()) for text in texts]


def _text(pattern: str | dict[str, Any]) -> str:
    return pattern if isinstance(pattern, str) else json.dumps(pattern)


@dataclass
class StreamMapping:
    """One event source mapping: reads a stream in order and invokes a function with one batch after another."""

    source_arn: str
    function: Function
    clock: Clock
    latest: bool
    """Whether the mapping begins with the next new record, and not with the oldest record."""
    batch_size: int = 100
    window: float = 0.0
    partial: bool = False
    """Whether the function reports the record at which a batch failed."""
    patterns: list[EventPattern] = field(default_factory=list)
    """Records that match no pattern are skipped. If the list is empty, no record is skipped."""
    bisect: bool = False
    retries: int = FOR_EVER
    maximum_age: float = FOR_EVER
    faults: Faults = field(default_factory=Faults)
    failed: Callable[[str], None] = lambda _: None
    """Called with the document about a batch that failed and is not retried again."""
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    """The writer of a record sets this event."""

    def __post_init__(self) -> None:
        shard = shard_of(self.source_arn)
        if shard is None:
            raise ValueError(f"{self.source_arn} is not a stream")
        self._shard = shard
        self._next = len(shard.items) if self.latest else 0

    async def run(self) -> None:
        while True:
            await self._deliver(await self._collect())

    async def _collect(self) -> list[Record]:
        """Reads the next records and those that arrive within the batching window, up to the batch size."""
        while not (batch := self._read(self.batch_size)):
            await self.woken.wait()
            self.woken.clear()
        closes = time.monotonic() + self.window
        while len(batch) < self.batch_size and (left := closes - time.monotonic()) > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.woken.wait(), left)
            self.woken.clear()
            batch += self._read(self.batch_size - len(batch))
        return batch

    def _read(self, count: int) -> list[Record]:
        records: list[Record] = []
        while len(records) < count and self._next < len(self._shard.items):
            record = _lambda_record(self._shard.items[self._next].to_json(), self.source_arn)
            self._next += 1
            if not self.patterns or any(pattern.matches_event(record) for pattern in self.patterns):
                records.append(record)
        fault = self.faults.strikes("stream-reordered") if len(records) > 1 else None
        return _reordered(records, fault.dice) if fault else records

    async def _deliver(self, batch: list[Record]) -> None:
        """Invokes the function until every record of the batch is processed, or has failed and is not retried again.

        If a batch is split, its first part is processed before its second part.
        """
        waiting, tries = [batch], 0
        while waiting:
            batch = waiting.pop()
            outcome = await self.function.invoke(json.dumps({"Records": batch}).encode())
            left, tries = self._left(batch, outcome), tries + 1
            if not left:
                tries = 0
            elif len(left) < len(batch):  # the remaining records count as a new batch, which has not been retried yet
                waiting.append(left)
                tries = 0
            elif outcome.is_throttled:
                tries -= 1
                await self.clock.sleep(1)
                waiting.append(left)
            elif self.bisect and len(left) > 1:  # the split of a batch does not count as a retry
                middle = len(left) // 2
                waiting += [left[middle:], left[:middle]]
                tries = 0
            elif condition := self._given_up(left, tries):
                self.failed(self._record(left, condition, tries, outcome))
                tries = 0
            else:
                await self.clock.sleep(min(2.0 ** (tries - 1), LONGEST_WAIT_SECONDS))
                waiting.append(left)

    def _left(self, batch: list[Record], outcome: Outcome) -> list[Record]:
        """Returns the records to retry: the record with the lowest failed sequence number, and all records after it.

        If the response, or the list in the response, is empty or null, the batch has succeeded. If an itemIdentifier is
        unknown, empty or missing, or if the response is malformed in another way, the whole batch has failed (developer
        guide, "Implementing partial batch responses").
        """
        if outcome.error:
            return batch
        if not self.partial:
            return []
        numbers = [record["dynamodb"]["SequenceNumber"] for record in batch]
        try:
            answer = json.loads(outcome.payload or b"null")
            reported = [failure["itemIdentifier"] for failure in (answer or {}).get("batchItemFailures") or []]
            return batch[min(map(numbers.index, reported), default=len(batch)) :]
        except (ValueError, AttributeError, TypeError, KeyError):
            return batch

    def _given_up(self, batch: list[Record], tries: int) -> str | None:
        age = time.time() - batch[0]["dynamodb"]["ApproximateCreationDateTime"]
        if self.maximum_age != FOR_EVER and age > self.maximum_age:
            return "RecordAgeExceeded"
        return "RetryAttemptsExhausted" if self.retries != FOR_EVER and tries > self.retries else None

    def _record(self, batch: list[Record], condition: str, tries: int, outcome: Outcome) -> str:
        """Makes the document for the on-failure destination.

        It contains the positions of the records, not the records.
        """
        first, last = batch[0]["dynamodb"], batch[-1]["dynamodb"]
        answered: dict[str, Any] = {"statusCode": 200, "executedVersion": "$LATEST"}
        document = {
            "requestContext": {
                "requestId": str(uuid.uuid4()),
                "functionArn": self.function.arn,
                "condition": condition,
                "approximateInvokeCount": tries,
            },
            "responseContext": answered | ({"functionError": "Unhandled"} if outcome.error else {}),
            "version": "1.0",
            "timestamp": timestamp(datetime.now(UTC)),
            "DDBStreamBatchInfo": {
                "shardId": self._shard.id,
                "startSequenceNumber": first["SequenceNumber"],
                "endSequenceNumber": last["SequenceNumber"],
                "approximateArrivalOfFirstRecord": _to_the_second(first["ApproximateCreationDateTime"]),
                "approximateArrivalOfLastRecord": _to_the_second(last["ApproximateCreationDateTime"]),
                "batchSize": len(batch),
                "streamArn": self.source_arn,
            },
        }
        return json.dumps(document)


def _reordered(records: list[Record], dice: random.Random) -> list[Record]:
    """Returns the records in another order. Records of the same item keep their order."""
    keys = [json.dumps(record["dynamodb"]["Keys"], sort_keys=True) for record in records]
    of_item = {key: [record for record, its in zip(records, keys, strict=True) if its == key] for key in keys}
    return [of_item[key].pop(0) for key in dice.sample(keys, len(keys))]


def _to_the_second(timestamp: float) -> str:
    return f"{datetime.fromtimestamp(timestamp, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _lambda_record(record: Record, stream_arn: str) -> Record:
    """Makes the record in a Lambda event. Times are whole seconds since 1970."""
    change = record["dynamodb"]
    created = change["ApproximateCreationDateTime"].replace(tzinfo=UTC).timestamp()
    return {
        **record,
        "eventVersion": "1.1",
        "awsRegion": REGION,
        "dynamodb": {**change, "ApproximateCreationDateTime": float(int(created))},
        "eventSourceARN": stream_arn,
    }
