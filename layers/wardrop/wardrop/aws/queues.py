"""SQS as Lambda sees it: records that come in, failures that are reported, messages that nothing can read."""

import logging
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from wardrop.errors import WardropError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

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


def messages(event: dict[str, Any]) -> list[Message]:
    return msgspec.convert(event["Records"], list[Message])


def failures(failed: Iterable[Message] = ()) -> dict[str, Any]:
    """The answer that has SQS deliver the failed ones again, and only them."""
    return {"batchItemFailures": [{"itemIdentifier": message.id} for message in failed]}


class DeadLetters:
    """Where a message goes at once that no retry can help: waiting for its retries would only hide it."""

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
            MessageAttributes={"reason": {"DataType": "String", "StringValue": error.reason}},
            **order,
        )


class Visibility:
    """How soon what failed comes back, if not when its queue's visibility timeout is over."""

    def __init__(self, sqs: "SQSClient", url: str) -> None:
        self._sqs = sqs
        self._url = url

    def back_in(self, seconds: int, failed: Sequence[Message]) -> None:
        """A FIFO group waits as long as any of its messages does, so all that failed are to be given.

        Ten at most, as many as Lambda hands over of a FIFO queue. What SQS refuses keeps the queue's own timeout.
        """
        if failed:
            entries: list[Any] = [
                {"Id": str(number), "ReceiptHandle": message.receipt, "VisibilityTimeout": seconds}
                for number, message in enumerate(failed)
            ]
            self._sqs.change_message_visibility_batch(QueueUrl=self._url, Entries=entries)
