"""Sends requests to the queue of the function guard_configuration."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from wardrop.guard.request import GuardRequest

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MOST_AT_ONCE = 10


class GuardRequests:
    def __init__(self, sqs: "SQSClient", url: str) -> None:
        self._sqs = sqs
        self._url = url

    def send(self, requests: Iterable[GuardRequest]) -> None:
        """Raises an error if SQS did not accept all requests. Sending a request again does no harm."""
        waiting = list(requests)
        for start in range(0, len(waiting), MOST_AT_ONCE):
            entries: list[Any] = [
                {"Id": str(number), "MessageBody": msgspec.json.encode(request).decode()}
                for number, request in enumerate(waiting[start : start + MOST_AT_ONCE])
            ]
            failed = self._sqs.send_message_batch(QueueUrl=self._url, Entries=entries).get("Failed")
            if failed:
                raise RuntimeError(f"{len(failed)} requests to the guard were not accepted: {failed[0].get('Message')}")
