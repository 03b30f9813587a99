"""Small templates of their own, so that what is tried here is the stand-in and not Wardrop."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.cloud import Cloud

TEMPLATE = Path(__file__).parent / "template.yaml"


class Mechanics:
    """The small template's cloud, and what its function was given."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    def ref(self, name: str) -> str:
        return self.cloud.resources[name]["ref"]

    def send(self, queue: str, group: str | None = None, **order: Any) -> str:
        """An order for the function by way of a queue; returns its tag."""
        order.setdefault("tag", uuid.uuid4().hex)
        fifo = {"MessageGroupId": group, "MessageDeduplicationId": uuid.uuid4().hex} if group else {}
        self.cloud.client("sqs").send_message(QueueUrl=self.ref(queue), MessageBody=json.dumps(order), **fifo)
        return str(order["tag"])

    def seen(self, tag: str) -> list[Any]:
        """The events that the function was invoked with, oldest first."""
        return [event for _, event in self.seen_at(tag)]

    def seen_at(self, tag: str) -> list[tuple[float, Any]]:
        """The same, each with the second in which it was."""
        items = self.cloud.client("dynamodb").query(
            TableName=self.ref("Seen"),
            KeyConditionExpression="tag = :tag",
            ExpressionAttributeValues={":tag": {"S": tag}},
            ConsistentRead=True,
        )["Items"]
        return [(int(item["at"]["S"].split("-")[0]) / 1e9, json.loads(item["event"]["S"])) for item in items]

    def await_seen(self, tag: str, count: int = 1) -> list[Any]:
        return self.cloud.eventually(lambda: found if len(found := self.seen(tag)) >= count else [])

    def receive_counts(self, tag: str) -> list[str]:
        """How often each message whose body holds a tag had been received, by invocation."""
        items = self.cloud.client("dynamodb").scan(TableName=self.ref("Seen"), ConsistentRead=True)["Items"]
        events = [json.loads(item["event"]["S"]) for item in sorted(items, key=lambda item: item["at"]["S"])]
        return [
            record["attributes"]["ApproximateReceiveCount"]
            for event in events
            for record in event.get("Records", [])
            if tag in record["body"]
        ]

    def await_message(self, queue: str, holding: str) -> dict[str, Any]:
        """The message in a queue whose body holds a text; others stay as they are."""

        def look() -> dict[str, Any] | None:
            messages = self.cloud.client("sqs").receive_message(
                QueueUrl=self.ref(queue),
                MaxNumberOfMessages=10,
                VisibilityTimeout=0,
                AttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
            return next((one for one in messages.get("Messages", []) if holding in one["Body"]), None)

        found = self.cloud.eventually(look)
        assert found is not None
        return found

    def drain(self, queue: str) -> None:
        """Deletes what a queue holds; SQS purges one only once in a minute."""
        sqs, url = self.cloud.client("sqs"), self.ref(queue)
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for one in messages:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])

    def call(self, service: str, operation: str, **parameters: Any) -> Any:
        """What the function is answered when it makes an API call: "allowed" or the error."""
        tag = self.send("Jobs", do="call", service=service, operation=operation, **{"with": parameters})
        return self.await_seen(f"{tag}-outcome")[0]


@pytest.fixture(scope="package")
def mechanics() -> Iterator[Mechanics]:
    with Cloud(template=TEMPLATE, speed=60) as running:
        yield Mechanics(running)


@pytest.fixture(scope="package")
def alerts() -> Iterator[Mechanics]:
    with Cloud(template=TEMPLATE.with_name("alerts.yaml"), speed=600) as running:
        yield Mechanics(running)
