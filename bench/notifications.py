"""Reads the stand-in's alerts in the ledger, its messages in Slack, and the messages in its queues."""

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

RATE_WINDOW = 10
"""The number of consecutive messages over which the rate of Slack's messages is measured."""


@dataclass(frozen=True)
class Notifications:
    """The alerts and Slack messages since a certain time."""

    alerts: list[dict[str, Any]]
    messages: list[dict[str, Any]]

    @classmethod
    def since(cls, cloud: Cloud, start: datetime) -> "Notifications":
        alerts = [alert for alert in alerts_in_ledger(cloud) if datetime.fromisoformat(alert["at"]) >= start]
        messages = cloud.control("GET", "/slack/messages")
        return cls(alerts, [message for message in messages if float(message["ts"]) >= start.timestamp()])

    @property
    def kinds(self) -> Counter[str]:
        return Counter(alert["kind"] for alert in self.alerts)

    @property
    def opened_incidents(self) -> Counter[str]:
        """The number of opened incidents in each environment."""
        return Counter(alert["environment"] for alert in self.alerts if alert["kind"] == Kind.INCIDENT_OPENED)

    @property
    def subjects(self) -> int:
        """The number of incidents and of other alerts.

        Each has one Slack message. Later alerts about it are replies.
        """
        return len({alert.get("incident") or alert["alert_id"] for alert in self.alerts})

    @property
    def first_messages(self) -> int:
        """The number of messages that are not replies."""
        return sum(message["thread_ts"] is None for message in self.messages)

    @property
    def messages_per_second(self) -> float:
        """The highest rate over RATE_WINDOW consecutive messages. All messages are in one channel."""
        times = sorted(float(message["ts"]) for message in self.messages)
        windows = zip(times, times[RATE_WINDOW:], strict=False)
        return max((RATE_WINDOW / (last - first) for first, last in windows), default=0.0)

    def __str__(self) -> str:
        return ", ".join(f"{kind} {count}" for kind, count in sorted(self.kinds.items()))


def alerts_in_ledger(cloud: Cloud) -> list[dict[str, Any]]:
    pages = cloud.client("dynamodb").get_paginator("scan").paginate(TableName=cloud.outputs["LedgerTable"])
    items = (unserialized(item) for page in pages for item in page["Items"])
    return [item for item in items if item["pk"].startswith("alerts/")]


def environments_in_bad_health(cloud: Cloud, environments: Collection[str]) -> set[str]:
    """Returns the environments whose incident records bad health.

    If health is flapping, an incident stays open after a recovery, but is not counted here.
    """
    incidents = Incidents(Table(cloud.client("dynamodb"), cloud.outputs["LedgerTable"])).read(environments)
    return {name for name, incident in incidents.items() if incident.bad_since is not None}


def unsent_alerts(cloud: Cloud) -> int:
    answer = cloud.client("dynamodb").query(
        TableName=cloud.outputs["LedgerTable"],
        IndexName="active",
        KeyConditionExpression="active = :alert",
        ExpressionAttributeValues={":alert": {"S": UNSENT}},
    )
    return int(answer["Count"])


def queued_messages(cloud: Cloud, queue: str) -> int:
    """Returns the number of messages, including messages that a function is processing."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = cloud.client("sqs").get_queue_attributes(QueueUrl=cloud.resources[queue]["ref"], AttributeNames=names)
    return sum(int(answer["Attributes"][name]) for name in names)


def dead_letters(cloud: Cloud) -> int:
    queues = [name for name, resource in cloud.resources.items() if resource["type"] == "AWS::SQS::Queue"]
    return sum(queued_messages(cloud, name) for name in queues if name.endswith("Dead"))


@dataclass(frozen=True)
class EventInvocations:
    """The invocations of WatchEnvironments that events caused, and their DescribeEnvironments calls."""

    count: int
    describe_calls: int

    @classmethod
    def so_far(cls, cloud: Cloud) -> "EventInvocations":
        """Returns the numbers since the start of the stand-in.

        The calls of scheduled runs are subtracted. Each scheduled run calls DescribeEnvironments once.
        """
        lines = logged(cloud, "WatchEnvironments")
        invocations = sum(line.startswith("START RequestId") for line in lines)
        by_events = sum('"message":"processed"' in line for line in lines)
        calls = [call for call in cloud.control("GET", "/calls") if call["principal"] == "WatchEnvironments"]
        describe_calls = sum(call["action"] == "DescribeEnvironments" for call in calls)
        return cls(by_events, describe_calls - (invocations - by_events))


def logged(cloud: Cloud, function: str) -> list[str]:
    """Returns the lines of a function's log."""
    group = cloud.resources[f"{function}Log"]["ref"]
    pages = cloud.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
    return [event["message"] for page in pages for event in page["events"]]


def current_time() -> datetime:
    """Returns the current time in whole milliseconds, which is the precision of events."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
