"""What is still active on the stand-in cloud: for people who search why it does not come to rest."""

import json
from collections.abc import Iterator
from typing import Any

from tests.integration.shop import QUEUES, Shop
from wardrop.deployments.deployment import Deployment

EVENTS, LINES = 40, 25


def report(shop: Shop) -> str:
    """Deployments with their histories, messages, and Beanstalk's events; the newest last."""
    return "\n".join(_lines(shop))


def _lines(shop: Shop) -> Iterator[str]:
    for queue in QUEUES:
        yield from _messages(shop, queue)
    for fault in shop.cloud.control("GET", "/faults"):
        yield f"fault {json.dumps(fault)}"
    for name in sorted(shop.ledger.environments.active().deploying):
        yield f"\n{name}"
        yield from _environment(shop, name)
        for deployment in shop.ledger.environments.read(name).deployments:
            yield from _deployment(deployment)
        yield from _log(shop, name)


def _messages(shop: Shop, queue: str) -> Iterator[str]:
    """Those that are not hidden are shown; that makes them hidden for no time at all."""
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
    shown = shop.environment(name)
    fields = ("Status", "AbortableOperationInProgress", "HealthStatus", "VersionLabel", "DateUpdated")
    yield "  " + ", ".join(f"{field} {shown.get(field)}" for field in fields)
    if shown.get("HealthStatus"):
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
