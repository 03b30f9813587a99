"""Fixtures for tests of the stand-in without Wardrop: stand-in clouds with small templates."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.cloud import Cloud

TEMPLATE = Path(__file__).parent / "template.yaml"


class SmallStack:
    """A stand-in cloud with a small template, and the events that its functions stored."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    def ref(self, name: str) -> str:
        return self.cloud.resources[name]["ref"]

    def send(self, queue: str, group: str | None = None, **order: Any) -> str:
        """Sends an order for the function to a queue. Returns the tag of the order."""
        order.setdefault("tag", uuid.uuid4().hex)
        fifo = {"MessageGroupId": group, "MessageDeduplicationId": uuid.uuid4().hex} if group else {}
        self.cloud.client("sqs").send_message(QueueUrl=self.ref(queue), MessageBody=json.dumps(order), **fifo)
        return str(order["tag"])

    def invocations(self, tag: str) -> list[Any]:
        """The events with this tag that the function was invoked with, oldest first."""
        return [event for _, event in self.timed_invocations(tag)]

    def timed_invocations(self, tag: str) -> list[tuple[float, Any]]:
        """The events with this tag, each with the time of its invocation in seconds."""
        items = self.cloud.client("dynamodb").query(
            TableName=self.ref("Invocations"),
            KeyConditionExpression="tag = :tag",
            ExpressionAttributeValues={":tag": {"S": tag}},
            ConsistentRead=True,
        )["Items"]
        return [(int(item["at"]["S"].split("-")[0]) / 1e9, json.loads(item["event"]["S"])) for item in items]

    def await_invocations(self, tag: str, count: int = 1) -> list[Any]:
        return self.cloud.eventually(lambda: found if len(found := self.invocations(tag)) >= count else [])

    def receive_counts(self, tag: str) -> list[str]:
        """For each invocation with a message of this tag, how often the message had been received."""
        items = self.cloud.client("dynamodb").scan(TableName=self.ref("Invocations"), ConsistentRead=True)["Items"]
        events = [json.loads(item["event"]["S"]) for item in sorted(items, key=lambda item: item["at"]["S"])]
        return [
            record["attributes"]["ApproximateReceiveCount"]
            for event in events
            for record in event.get("Records", [])
            if tag in record["body"]
        ]

    def await_message(self, queue: str, text: str) -> dict[str, Any]:
        """The message of a queue whose body contains the text. All messages stay in the queue."""

        def look() -> dict[str, Any] | None:
            messages = self.cloud.client("sqs").receive_message(
                QueueUrl=self.ref(queue),
                MaxNumberOfMessages=10,
                VisibilityTimeout=0,
                AttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
            return next((message for message in messages.get("Messages", []) if text in message["Body"]), None)

        found = self.cloud.eventually(look)
        assert found is not None
        return found

    def drain(self, queue: str) -> None:
        """Deletes the messages of a queue one by one, because SQS purges a queue at most once a minute."""
        sqs, url = self.cloud.client("sqs"), self.ref(queue)
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    def call(self, service: str, operation: str, **parameters: Any) -> Any:
        """The outcome of an API call that the function makes: "allowed" or the error."""
        tag = self.send("Jobs", do="call", service=service, operation=operation, **{"with": parameters})
        return self.await_invocations(f"{tag}-outcome")[0]


@pytest.fixture(scope="package")
def small_stack() -> Iterator[SmallStack]:
    with Cloud(template=TEMPLATE, speed=60) as running:
        yield SmallStack(running)


@pytest.fixture(scope="package")
def alert_stack() -> Iterator[SmallStack]:
    with Cloud(template=TEMPLATE.with_name("alerts.yaml"), speed=600) as running:
        yield SmallStack(running)
