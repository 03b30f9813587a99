"""A snapshot of the states of Wardrop, Elastic Beanstalk and Slack."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from local.cloud import Cloud
from wardrop.aws.ledger.environments import Environments
from wardrop.aws.ledger.table import Table
from wardrop.deployments.deployment import Deployment

APPLICATION, STAGING, PROD = "shop", "shop-staging", "shop-prod"


@dataclass(frozen=True)
class Instance:
    id: str
    version: str
    deployment: str
    """`Deployed`, `In Progress` or `Failed`. The value is empty until the instance is initialized."""
    health: str
    causes: tuple[str, ...]

    @property
    def mark(self) -> str:
        return {"Deployed": "●", "In Progress": "◐", "Failed": "✕"}.get(self.deployment, "○")


@dataclass(frozen=True)
class Event:
    at: datetime
    environment: str
    severity: str
    message: str

    @property
    def is_bad(self) -> bool:
        return self.severity in ("WARN", "ERROR")


@dataclass(frozen=True)
class Environment:
    name: str
    version: str
    status: str
    health: str
    instances: tuple[Instance, ...]
    deployments: tuple[Deployment, ...]
    """The deployments in Wardrop's ledger, the newest first."""


@dataclass(frozen=True)
class SlackLine:
    text: str
    is_reply: bool


@dataclass(frozen=True)
class View:
    environments: dict[str, Environment]
    events: tuple[Event, ...]
    """The oldest first."""
    slack: tuple[SlackLine, ...]
    """The lines of the messages, the oldest first. The replies of a message follow it."""

    def last_event(self, environment: str) -> Event | None:
        return next((event for event in reversed(self.events) if event.environment == environment), None)

    def deployment(self, deployment_id: str) -> Deployment | None:
        every = (deployment for environment in self.environments.values() for deployment in environment.deployments)
        return next((deployment for deployment in every if deployment.id == deployment_id), None)


class Watcher:
    """Reads everything with the APIs that a person would use."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._beanstalk = cloud.client("elasticbeanstalk")
        self._dynamodb = cloud.client("dynamodb")
        self._sqs = cloud.client("sqs")
        self._ledger = Environments(Table(self._dynamodb, cloud.outputs["LedgerTable"]))

    def look(self) -> View:
        described = self._beanstalk.describe_environments(EnvironmentNames=[STAGING, PROD])["Environments"]
        environments = {each["EnvironmentName"]: self._environment(each) for each in described}
        events = self._beanstalk.describe_events(ApplicationName=APPLICATION, MaxRecords=100)["Events"]
        return View(environments, tuple(map(_event, reversed(events))), tuple(self._slack()))

    def cleanup_alerts(self) -> list[str]:
        """The texts of the alerts that report a clean-up."""
        items = self._dynamodb.scan(TableName=self._cloud.outputs["LedgerTable"], ConsistentRead=True)["Items"]
        return [item["text"]["S"] for item in items if item.get("kind") == {"S": "versions_cleaned"}]

    def is_slack_up_to_date(self) -> bool:
        """Whether the queue of messages to Slack is empty."""
        url = self._cloud.resources["SlackPosts"]["ref"]
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        counts = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return not any(map(int, counts.values()))

    def _environment(self, described: dict[str, Any]) -> Environment:
        name = described["EnvironmentName"]
        health = self._beanstalk.describe_instances_health(EnvironmentName=name, AttributeNames=["All"])
        reports = sorted(health["InstanceHealthList"], key=lambda report: str(report["InstanceId"]))
        deployments = [*self._ledger.read(name).deployments, *self._ledger.history(name)]
        return Environment(
            name=name,
            version=described["VersionLabel"],
            status=described["Status"],
            health=described["HealthStatus"],
            instances=tuple(map(_instance, reports)),
            deployments=tuple(deployments),
        )

    def _slack(self) -> Iterator[SlackLine]:
        messages = self._cloud.control("GET", "/slack/messages")
        for message in messages:
            if message["thread_ts"] is None:
                title, *_ = _lines(message)
                yield SlackLine(title, is_reply=False)
                replies = (reply for reply in messages if reply["thread_ts"] == message["ts"])
                yield from (SlackLine(line, is_reply=True) for reply in replies for line in _lines(reply))


def _instance(report: dict[str, Any]) -> Instance:
    deployment = report.get("Deployment", {})
    return Instance(
        id=report["InstanceId"],
        version=deployment.get("VersionLabel", ""),
        deployment=deployment.get("Status", ""),
        health=report["HealthStatus"],
        causes=tuple(report["Causes"]),
    )


def _event(event: dict[str, Any]) -> Event:
    return Event(event["EventDate"], event.get("EnvironmentName", ""), event["Severity"], event["Message"].strip())


def _lines(message: dict[str, Any]) -> list[str]:
    return str(message["text"]).replace("*", "").splitlines()
