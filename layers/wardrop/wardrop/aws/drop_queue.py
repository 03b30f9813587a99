"""Sends drops to the drop queue. A sweep of the drop bucket uses this module for drops whose events were lost."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from wardrop.drops.drop import Drop
from wardrop.drops.lost import message_of

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MOST_AT_ONCE = 10


class DropQueue:
    def __init__(self, sqs: "SQSClient", url: str) -> None:
        self._sqs = sqs
        self._url = url

    def send(self, drops: Sequence[Drop]) -> None:
        """Raises an error if SQS did not accept all drops. Sending a drop again does no harm."""
        for start in range(0, len(drops), MOST_AT_ONCE):
            entries: list[Any] = [
                {"Id": str(number), "MessageBody": message_of(drop)}
                for number, drop in enumerate(drops[start : start + MOST_AT_ONCE])
            ]
            failed = self._sqs.send_message_batch(QueueUrl=self._url, Entries=entries).get("Failed")
            if failed:
                raise RuntimeError(f"{len(failed)} drops were not accepted: {failed[0].get('Message')}")
