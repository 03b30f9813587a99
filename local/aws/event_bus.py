"""The event bus sends each event to the targets of matching rules, or to a target's dead-letter queue."""

import json
import sys
import uuid
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from moto.events.models import events_backends

from local.aws import queues
from local.aws.permissions import service_may
from local.faults import Faults
from local.settings import ACCOUNT, REGION

KEPT = 20_000
FAULTS = {"aws.elasticbeanstalk": "events", "aws.s3": "s3-events"}
"""The sources whose events faults can affect. Each source is mapped to the prefix of the faults' names."""

EVENTS = "events.amazonaws.com"

Envelope = dict[str, Any]


def envelope(
    source: str, detail_type: str, detail: dict[str, Any], resources: list[str], event_id: str | None = None
) -> Envelope:
    """Puts an event into EventBridge's envelope, with the current time."""
    return {
        "version": "0",
        "id": event_id or str(uuid.uuid4()),
        "detail-type": detail_type,
        "source": source,
        "account": ACCOUNT,
        "time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "region": REGION,
        "resources": resources,
        "detail": detail,
    }


class Bus:
    """The default event bus. It loses or repeats events only if a fault is active."""

    def __init__(self, faults: Faults, later: Callable[[float, Callable[[], None]], object]) -> None:
        """`later` calls a function on the event loop after a delay in simulated seconds."""
        self._faults = faults
        self._later = later
        self._seen: deque[Envelope] = deque(maxlen=KEPT)

    def events(self) -> list[Envelope]:
        return list(self._seen)

    def put(self, envelope: Envelope) -> None:
        """Routes an event. Faults can lose, double and delay events of Beanstalk and S3, as may happen on AWS."""
        times, delay, environment = 1, 0.0, envelope["detail"].get("EnvironmentName")
        if name := FAULTS.get(envelope["source"]):
            if self._faults.strikes(f"{name}-lost", environment):
                self._seen.append({**envelope, "targets": []})
                return
            times += self._faults.strikes(f"{name}-doubled", environment) is not None
            if late := self._faults.strikes(f"{name}-late", environment):
                delay = late.parameters["seconds"]
            if mixed := self._faults.strikes(f"{name}-reordered", environment):
                delay += mixed.dice.random() * mixed.parameters["seconds"]
        for _ in range(times):
            if delay:
                self._later(delay, partial(self._route, envelope))
            else:
                self._route(envelope)

    def _route(self, envelope: Envelope) -> None:
        reached = [
            target["Arn"]
            for rule in list(events_backends[ACCOUNT][REGION].event_buses["default"].rules.values())
            # In moto, a rule that has only a schedule has an empty pattern, which would match every event.
            if rule.state != "DISABLED" and rule.event_pattern.get_pattern()
            if rule.event_pattern.matches_event(envelope)
            for target in rule.targets
            if _delivered(json.dumps(envelope), rule.arn, target)
        ]
        self._seen.append({**envelope, "targets": reached})


def _delivered(body: str, rule: str, target: dict[str, Any]) -> bool:
    refusal = _refusal(rule, target["Arn"])
    if refusal is None:
        queues.send(target["Arn"], body)
        return True
    # User guide, "Using dead-letter queues": EventBridge does not retry after these errors. It sends the event to the
    # dead-letter queue, with the following attributes.
    code, message = refusal
    attributes = {"ERROR_CODE": code, "ERROR_MESSAGE": message, "RULE_ARN": rule, "TARGET_ARN": target["Arn"]}
    dead = target.get("DeadLetterConfig", {}).get("Arn")
    if dead and not _refusal(rule, dead):
        queues.send(dead, body, attributes)
    else:
        print(f"an event is lost: {message}", file=sys.stderr)
    return False


def _refusal(rule: str, queue: str) -> tuple[str, str] | None:
    """Returns the code and the message of EventBridge's error. None: the queue accepts the rule's events."""
    held = queues.backend().queues.get(queue.rsplit(":", 1)[1])
    if held is None:
        return "RESOURCE_NOT_FOUND", f"{queue} does not exist"
    if not service_may(held.policy, EVENTS, "sqs:SendMessage", queue, rule):
        return "NO_PERMISSIONS", f"the policy of {queue} does not allow {rule}"
    return None
