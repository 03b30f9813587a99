"""Reads the number of messages in a queue, and the age of the oldest message."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from wardrop_cli.aws.facts import fact
from wardrop_cli.doctor.findings import CannotTell
from wardrop_cli.doctor.readings import DeadLetters


@dataclass(frozen=True)
class Resource:
    logical_id: str
    type: str
    name: str


def read_dead_letters(sqs: Any, cloudwatch: Any, resource: Resource) -> DeadLetters:
    messages = fact(lambda: messages_in(sqs, resource.name))
    oldest = fact(lambda: _age(cloudwatch, resource.name.rpartition("/")[2])) if messages else None
    return DeadLetters(
        resource.logical_id, resource.name, messages, oldest if not isinstance(oldest, CannotTell) else None
    )


def messages_in(sqs: Any, url: str) -> int:
    """The number of messages, including messages that are being processed."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)
    return sum(int(answer["Attributes"][name]) for name in names)


def _age(cloudwatch: Any, queue: str) -> timedelta | None:
    """The newest value of the last 15 minutes. None: SQS has sent no value, because the queue was not in use."""
    now = datetime.now(UTC)
    answer: Mapping[str, Any] = cloudwatch.get_metric_statistics(
        Namespace="AWS/SQS",
        MetricName="ApproximateAgeOfOldestMessage",
        Dimensions=[{"Name": "QueueName", "Value": queue}],
        StartTime=now - timedelta(minutes=15),
        EndTime=now,
        Period=60,
        Statistics=["Maximum"],
    )
    newest = max(answer["Datapoints"], key=lambda point: point["Timestamp"], default=None)
    return timedelta(seconds=newest["Maximum"]) if newest else None
