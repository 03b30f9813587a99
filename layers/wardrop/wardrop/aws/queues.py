"""SQS as a Lambda function sees it: the messages of a batch, those that failed, and those that nobody can read."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

from wardrop.errors import Malformed, WardropError
from wardrop.foreign_text import one_line

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

SECONDS_PER_ATTEMPT, MOST_SECONDS = 5, 60
"""The delay before a failed message is delivered again. template.yaml explains the calculation."""

Content = TypeVar("Content")

_logger = logging.getLogger(__name__)


class Attributes(
    msgspec.Struct, frozen=True, rename={"group": "MessageGroupId", "receives": "ApproximateReceiveCount"}
):
    group: str | None = None
    receives: str = "1"
    """A number, as SQS writes it."""


class Message(msgspec.Struct, frozen=True, rename={"id": "messageId", "receipt": "receiptHandle"}):
    id: str
    body: str
    attributes: Attributes = Attributes()
    receipt: str = ""


@dataclass(frozen=True)
class Received(Generic[Content]):
    """A message and its decoded body."""

    message: Message
    content: Content


class DeadLetters:
    """A message that no retry can help goes to the dead-letter queue at once, where an alarm reports it."""

    def __init__(self, sqs: "SQSClient", url: str) -> None:
        self._sqs = sqs
        self._url = url

    def park(self, message: Message, error: WardropError) -> None:
        _logger.error("message %s goes to the dead-letter queue: %s", message.id, error.reason)
        order: Any = {}
        if message.attributes.group is not None:
            order = {"MessageGroupId": message.attributes.group, "MessageDeduplicationId": message.id}
        self._sqs.send_message(
            QueueUrl=self._url,
            MessageBody=message.body,
            MessageAttributes={"reason": {"DataType": "String", "StringValue": one_line(error.reason)}},
            **order,
        )


class Visibility:
    """Sets when a failed message is delivered again, instead of after its queue's visibility timeout."""

    def __init__(self, sqs: "SQSClient", url: str) -> None:
        self._sqs = sqs
        self._url = url

    def retry(self, failed: Sequence[Message], after: int | None = None) -> None:
        """Redelivers failed messages, all of one FIFO group if the queue is FIFO, after `after` seconds.

        `after` None: the delay grows with each attempt.

        Example: without `after`, a message that failed at 12:00:00 is delivered at 12:00:05; if it fails again, 10
        seconds later; and from the twelfth attempt on each 60 seconds. At most ten messages, as many as Lambda takes
        from a FIFO queue. A message that SQS refuses keeps the queue's timeout.
        """
        if failed:
            attempts = max(int(message.attributes.receives) for message in failed)
            seconds = min(SECONDS_PER_ATTEMPT * attempts, MOST_SECONDS) if after is None else after
            entries: list[Any] = [
                {"Id": str(number), "ReceiptHandle": message.receipt, "VisibilityTimeout": seconds}
                for number, message in enumerate(failed)
            ]
            self._sqs.change_message_visibility_batch(QueueUrl=self._url, Entries=entries)


def received(
    event: dict[str, Any], read: Callable[[str], Content], dead_letters: DeadLetters
) -> list[Received[Content]]:
    """Messages whose body raises Malformed go to the dead-letter queue."""
    readable = []
    for message in msgspec.convert(event["Records"], list[Message]):
        try:
            readable.append(Received(message, read(message.body)))
        except Malformed as error:
            dead_letters.park(message, error)
    return readable


def each_group(
    batch: Iterable[Received[Content]],
    process: Callable[[str, list[Received[Content]]], list[Message]],
    on_error: Callable[[list[Message]], None] = lambda _: None,
) -> list[Message]:
    """Processes each message group; returns the messages that `process` returned as failed.

    If it raises, all messages of that group have failed, and the other groups are processed all the same.
    """
    groups: dict[str, list[Received[Content]]] = {}
    for one in batch:
        groups.setdefault(one.message.attributes.group or "", []).append(one)
    failed: list[Message] = []
    for name, group in groups.items():
        try:
            failed += process(name, group)
        except Exception:  # the error of one group must not stop the others
            _logger.exception("the messages of %s could not be processed", name)
            messages = [one.message for one in group]
            on_error(messages)
            failed += messages
    return failed


def failures(failed: Iterable[Message] = ()) -> dict[str, Any]:
    """The answer with which SQS delivers these messages again, and no others."""
    return {"batchItemFailures": [{"itemIdentifier": message.id} for message in failed]}
