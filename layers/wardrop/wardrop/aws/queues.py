"""Reads the batches of messages that SQS sends to a Lambda function, and handles failed and unreadable messages."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

from wardrop.errors import Malformed, WardropError
from wardrop.foreign_json import problem_of

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

SECONDS_PER_ATTEMPT, MOST_SECONDS = 5, 60
"""The numbers from which the delay before another delivery is calculated. template.yaml explains the calculation."""

Content = TypeVar("Content")

_logger = logging.getLogger(__name__)


class Attributes(
    msgspec.Struct,
    frozen=True,
    rename={
        "group": "MessageGroupId",
        "receives": "ApproximateReceiveCount",
        "first_received": "ApproximateFirstReceiveTimestamp",
    },
):
    group: str | None = None
    receives: str = "1"
    """The number of deliveries, as a string."""

    first_received: str | None = None
    """The time of the first delivery, in milliseconds since 1970, as a string."""


class Message(
    msgspec.Struct, frozen=True, rename={"id": "messageId", "receipt": "receiptHandle", "queue": "eventSourceARN"}
):
    id: str
    body: str
    attributes: Attributes = Attributes()
    receipt: str = ""
    queue: str = ""
    """The ARN of the queue."""

    def first_received_at(self, now: datetime) -> datetime:
        """Returns the time of the first delivery, or `now` if the message does not state this time."""
        first = self.attributes.first_received
        return datetime.fromtimestamp(int(first) / 1000, UTC) if first else now

    @property
    def is_first_delivery(self) -> bool:
        return self.attributes.receives == "1"


class _Envelope(msgspec.Struct, frozen=True, rename={"detail_type": "detail-type"}):
    """The fields of EventBridge's envelope that state an event's origin. Wardrop's own messages lack these fields."""

    detail_type: Any = None
    account: Any = None
    region: Any = None


@dataclass(frozen=True)
class Received(Generic[Content]):
    """A message and its decoded body."""

    message: Message
    content: Content


class DeadLetters:
    """The dead-letter queue. A function moves a message there if no retry can succeed. An alarm reports the message."""

    def __init__(self, sqs: "SQSClient", url: str) -> None:
        self._sqs = sqs
        self._url = url

    def park(self, message: Message, error: WardropError) -> None:
        _logger.error("message %s is moved to the dead-letter queue: %s", message.id, error.reason)
        order: Any = {}
        if message.attributes.group is not None:
            order = {"MessageGroupId": message.attributes.group, "MessageDeduplicationId": message.id}
        self._sqs.send_message(
            QueueUrl=self._url,
            MessageBody=message.body,
            MessageAttributes={"reason": {"DataType": "String", "StringValue": error.reason}},
            **order,
        )


class Visibility:
    """Sets the time at which a failed message is delivered again, in place of the queue's visibility timeout."""

    def __init__(self, sqs: "SQSClient", url: str) -> None:
        self._sqs = sqs
        self._url = url

    def retry(self, failed: Sequence[Message], after: int | None = None) -> None:
        """Makes SQS deliver failed messages again after `after` seconds.

        If `after` is None, the delay grows with each attempt: a message that fails at 12:00:00 is delivered again after
        5 seconds. After the second failure, the delay is 10 seconds. From the twelfth attempt on, it is 60 seconds.

        In a FIFO queue, `failed` must contain all failed messages of one group. Lambda reads at most ten messages at
        once from a FIFO queue, so `failed` has at most ten. If SQS refuses to change the delay of a message, the
        queue's visibility timeout applies.
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
    """Decodes the messages of a batch.

    Moves a message to the dead-letter queue if `read` raises Malformed, or if the message is an event from another
    account or region.
    """
    readable = []
    for message in msgspec.convert(event["Records"], list[Message]):
        try:
            content = read(message.body)
            _check_origin(message)
        except Malformed as error:
            dead_letters.park(message, error)
        else:
            readable.append(Received(message, content))
    return readable


def _check_origin(message: Message) -> None:
    """Raises Malformed if the message is an event from an account or region other than the queue's."""
    try:
        envelope = msgspec.json.decode(message.body, type=_Envelope)
    except msgspec.MsgspecError:  # the message is not an event, because an event is a JSON object
        return
    except (RecursionError, UnicodeError) as error:
        raise Malformed(f"the account of the event cannot be read: {problem_of(error)}") from error
    if envelope.detail_type is None:
        return
    region, account = message.queue.split(":")[3:5] if message.queue.count(":") == 5 else (None, None)
    if (envelope.account, envelope.region) != (account, region):
        raise Malformed("the event is not from the account and the region of this stack")


def each_group(
    batch: Iterable[Received[Content]],
    process: Callable[[str, list[Received[Content]]], list[Message]],
    on_error: Callable[[list[Message]], None] = lambda _: None,
) -> list[Message]:
    """Processes each message group, and returns the failed messages.

    If `process` raises an error, all messages of the group count as failed. The other groups are still processed.
    """
    groups: dict[str, list[Received[Content]]] = {}
    for received_message in batch:
        groups.setdefault(received_message.message.attributes.group or "", []).append(received_message)
    failed: list[Message] = []
    for name, group in groups.items():
        try:
            failed += process(name, group)
        except Exception:  # an error in one group must not stop the other groups
            _logger.exception("the messages of %s could not be processed", name)
            messages = [received_message.message for received_message in group]
            on_error(messages)
            failed += messages
    return failed


def failures(failed: Iterable[Message] = ()) -> dict[str, Any]:
    """Returns the response to Lambda. SQS then delivers the failed messages again, and deletes all other messages."""
    return {"batchItemFailures": [{"itemIdentifier": message.id} for message in failed]}
