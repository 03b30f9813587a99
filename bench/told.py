"""What people have been told on the stand-in: alerts in the ledger, messages in Slack, and what still waits."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.cloud import Cloud
from wardrop.alerts.kinds import Kind
from wardrop.aws.ledger.alerts import UNSENT
from wardrop.aws.ledger.incidents import Incidents
from wardrop.aws.ledger.item import unserialized
from wardrop.aws.ledger.table import Table

SPAN = 10
"""So many messages are looked at for how fast they came."""


@dataclass(frozen=True)
class Told:
    """Since a moment."""

    alerts: list[dict[str, Any]]
    messages: list[dict[str, Any]]

    @classmethod
    def since(cls, cloud: Cloud, moment: datetime) -> "Told":
        written = [one for one in alerts(cloud) if datetime.fromisoformat(one["at"]) >= moment]
        messages = cloud.door("GET", "/slack/messages")
        return cls(written, [one for one in messages if float(one["ts"]) >= moment.timestamp()])

    @property
    def kinds(self) -> Counter[str]:
        return Counter(one["kind"] for one in self.alerts)

    @property
    def opened(self) -> Counter[str]:
        """How often an incident was opened, by environment."""
        return Counter(one["environment"] for one in self.alerts if one["kind"] == Kind.INCIDENT_OPENED)

    @property
    def subjects(self) -> int:
        """Each should have a message of its own, and only one; what changes is told in its thread."""
        return len({one.get("incident") or one["alert_id"] for one in self.alerts})

    @property
    def begun(self) -> int:
        """Messages that are no reply."""
        return sum(one["thread_ts"] is None for one in self.messages)

    @property
    def a_second(self) -> float:
        """The most messages a second, over so many in a row; there is one channel."""
        at = sorted(float(one["ts"]) for one in self.messages)
        return max((SPAN / (last - first) for first, last in zip(at, at[SPAN:], strict=False)), default=0.0)

    def __str__(self) -> str:
        return ", ".join(f"{kind} {count}" for kind, count in sorted(self.kinds.items()))


def alerts(cloud: Cloud) -> list[dict[str, Any]]:
    pages = cloud.client("dynamodb").get_paginator("scan").paginate(TableName=cloud.outputs["LedgerTable"])
    items = (unserialized(item) for page in pages for item in page["Items"])
    return [item for item in items if item["pk"].startswith("alerts/")]


def ill(cloud: Cloud, environments: Collection[str]) -> set[str]:
    """Those with an incident that is going on; one that flaps stays open for a while after it is over."""
    incidents = Incidents(Table(cloud.client("dynamodb"), cloud.outputs["LedgerTable"])).of(environments)
    return {name for name, incident in incidents.items() if incident.bad_since is not None}


def unsent(cloud: Cloud) -> int:
    answer = cloud.client("dynamodb").query(
        TableName=cloud.outputs["LedgerTable"],
        IndexName="active",
        KeyConditionExpression="active = :alert",
        ExpressionAttributeValues={":alert": {"S": UNSENT}},
    )
    return int(answer["Count"])


def queued(cloud: Cloud, queue: str) -> int:
    """Also those that somebody is at work on."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = cloud.client("sqs").get_queue_attributes(QueueUrl=cloud.resources[queue]["ref"], AttributeNames=names)
    return sum(int(answer["Attributes"][name]) for name in names)


def dead(cloud: Cloud) -> int:
    queues = [name for name, made in cloud.resources.items() if made["type"] == "AWS::SQS::Queue"]
    return sum(queued(cloud, name) for name in queues if name.endswith("Dead"))


def looks(cloud: Cloud) -> tuple[int, int]:
    """Invocations of WatchEnvironments by events, and DescribeEnvironments in these; a tick makes one of its own."""
    lines = logged(cloud, "WatchEnvironments")
    begun = sum(line.startswith("START RequestId") for line in lines)
    by_events = sum('"message":"processed"' in line for line in lines)
    made = [one for one in cloud.door("GET", "/calls") if one["principal"] == "WatchEnvironments"]
    described = sum(one["action"] == "DescribeEnvironments" for one in made)
    return by_events, described - (begun - by_events)


def logged(cloud: Cloud, function: str) -> list[str]:
    group = cloud.resources[f"{function}Log"]["ref"]
    pages = cloud.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
    return [event["message"] for page in pages for event in page["events"]]


def now() -> datetime:
    """Events are dated to the millisecond."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
