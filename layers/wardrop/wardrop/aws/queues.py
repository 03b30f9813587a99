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
"""The delay before a failed message is delivered again. template.yaml explains the calculation."""

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
        """The time of the first delivery. If the message does not state this time, the result is `now`."""
        first = self.attributes.first_received
        return datetime.fromtimestamp(int(first) / 1000, UTC) if first else now


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
    """The dead-letter queue, to which a function moves messages that no retry can process. An alarm reports them."""

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
    """Sets the time at which a failed message is delivered again. The default is the queue's visibility timeout."""

    def __init__(self, sqs: "SQSClient", url: str) -> None:
        self._sqs = sqs
        self._url = url

    def retry(self, failed: Sequence[Message], after: int | None = None) -> None:
        """Delivers failed messages again after `after` seconds. None: the delay grows with each attempt.

        Example without `after`: a message that fails at 12:00:00 is delivered again after 5 seconds. After the second
        failure, the delay is 10 seconds. From the twelfth attempt on, the delay is 60 seconds.

        In a FIFO queue, `failed` must contain all failed messages of one group. Lambda reads at most ten messages from
        a FIFO queue, so `failed` has at most ten. If SQS refuses a message, the queue's timeout applies.
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

    Messages for which `read` raises Malformed, and events of another account or region, move to the dead-letter queue.
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
    """Raises Malformed for an event from another account or region than the queue's."""
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

    If `process` raises an error, all messages of the group have failed. The other groups are still processed.
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
    """The response to Lambda. SQS delivers the failed messages again. All other messages are deleted."""
    return {"batchItemFailures": [{"itemIdentifier": message.id} for message in failed]}
