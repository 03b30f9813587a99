"""Reports what is still active on the stand-in cloud, for people who investigate why a test does not end."""

import json
from collections.abc import Iterator
from typing import Any

from tests.integration.shop import QUEUES, Shop
from wardrop.deployments.deployment import Deployment

EVENTS, LINES, ENDED = 60, 25, 5


def report(shop: Shop) -> str:
    """The messages, the faults, and the deployments with their histories and Beanstalk's events, the newest last."""
    return "\n".join(_lines(shop))


def _lines(shop: Shop) -> Iterator[str]:
    for queue in QUEUES:
        yield from _messages(shop, queue)
    for fault in shop.cloud.control("GET", "/faults"):
        yield f"fault {json.dumps(fault)}"
    for name in sorted(shop.ledger.environments.active().deploying):
        yield from description(shop, name)


def description(shop: Shop, name: str) -> Iterator[str]:
    """The lines about an environment, its active deployments, and its newest deployments that have ended."""
    yield f"\n{name}"
    yield from _environment(shop, name)
    record, ended = shop.ledger.environments.read(name), shop.ledger.environments.history(name, ENDED)
    yield f"  {record.standing}"
    for deployment in [*reversed(ended), *record.deployments]:
        yield from _deployment(deployment)
    yield from _log(shop, name)


def _messages(shop: Shop, queue: str) -> Iterator[str]:
    """The visible messages of a queue. They stay visible, because their visibility timeout is 0."""
    url = shop.cloud.resources[queue]["ref"]
    attributes = shop.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    yield (
        f"queue {queue}: {attributes['ApproximateNumberOfMessages']} messages, "
        f"{attributes['ApproximateNumberOfMessagesNotVisible']} hidden"
    )
    answer = shop.sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0, MessageSystemAttributeNames=["All"]
    )
    for message in answer.get("Messages", []):
        received = message["Attributes"]["ApproximateReceiveCount"]
        yield f"  received {received} times: {message['Body']}"


def _environment(shop: Shop, name: str) -> Iterator[str]:
    described = shop.environment(name)
    fields = ("Status", "AbortableOperationInProgress", "HealthStatus", "VersionLabel", "DateUpdated")
    yield "  " + ", ".join(f"{field} {described.get(field)}" for field in fields)
    if described.get("HealthStatus"):
        yield f"  instances {shop.instances(name)}"
    events: list[dict[str, Any]] = shop.beanstalk.describe_events(EnvironmentName=name, MaxRecords=EVENTS)["Events"]
    for event in reversed(events):
        request_id = event.get("RequestId", "-")[:8]
        yield f"  {event['EventDate']:%H:%M:%S.%f} {request_id:8} {event['Severity']:5} {event['Message']}"


def _deployment(deployment: Deployment) -> Iterator[str]:
    yield f"  deployment {deployment.id} is {deployment.state}: {deployment.reason}"
    yield f"    update {deployment.update}"
    yield f"    lost answers {deployment.lost_answers}, {deployment.timers}, rollback {deployment.rollback}"
    for moment in deployment.history:
        yield f"    {moment.at:%H:%M:%S.%f} {moment.state:12} {moment.reason}"


def _log(shop: Shop, name: str) -> Iterator[str]:
    lines = [line for line in shop.log("AdvanceDeployment") if name in json.dumps(line)]
    for line in lines[-LINES:]:
        yield f"  log {json.dumps(line)}"
