"""SQS as Lambda sees it: records that come in, failures that are reported, messages that nothing can read."""

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from wardrop.errors import Malformed

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_logger = logging.getLogger(__name__)


class Attributes(msgspec.Struct, frozen=True, rename={"group": "MessageGroupId"}):
    group: str | None = None


class Message(msgspec.Struct, frozen=True, rename={"id": "messageId"}):
    id: str
    body: str
    attributes: Attributes = Attributes()


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

    def park(self, message: Message, error: Malformed) -> None:
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
