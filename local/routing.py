"""The event bus: envelopes go to the targets of matching rules, or to a target's dead-letter queue."""

import json
from collections import deque
from collections.abc import Callable
from typing import Any

from moto.events.models import events_backends

from local.faults import Faults
from local.settings import ACCOUNT, REGION

KEPT = 20_000

Envelope = dict[str, Any]


class Undeliverable(Exception):
    """The target cannot take the event and never will: EventBridge does not try again."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Bus:
    """The default bus. Nothing here is lost or repeated unless a fault says so."""

    def __init__(
        self,
        faults: Faults,
        deliver: Callable[[str, str, str, str | None], None],
        dead_letter: Callable[[str, str, dict[str, str], str], None],
    ) -> None:
        """`deliver` takes target, rule, body and group; `dead_letter` queue, body, attributes and rule."""
        self._faults = faults
        self._deliver = deliver
        self._dead_letter = dead_letter
        self._seen: deque[Envelope] = deque(maxlen=KEPT)

    def events(self) -> list[Envelope]:
        return list(self._seen)

    def put(self, envelope: Envelope) -> None:
        """Beanstalk's events are best effort: faults lose and double them."""
        times = 1
        if envelope["source"] == "aws.elasticbeanstalk":
            environment = envelope["detail"].get("EnvironmentName")
            if self._faults.strikes("events-lost", environment):
                self._seen.append({**envelope, "targets": []})
                return
            times += self._faults.strikes("events-doubled", environment) is not None
        for _ in range(times):
            self._route(envelope)

    def _route(self, envelope: Envelope) -> None:
        targets: list[str] = []
        for rule in list(events_backends[ACCOUNT][REGION].event_buses["default"].rules.values()):
            # a rule with a schedule alone has an empty pattern, which moto takes to match all
            if rule.state == "DISABLED" or not rule.event_pattern.get_pattern():
                continue
            if rule.event_pattern.matches_event(envelope):
                for target in rule.targets:
                    if self._to_target(envelope, rule.arn, target):
                        targets.append(target["Arn"])
        self._seen.append({**envelope, "targets": targets})

    def _to_target(self, envelope: Envelope, rule: str, target: dict[str, Any]) -> bool:
        body = target.get("Input") or json.dumps(envelope)
        group = target.get("SqsParameters", {}).get("MessageGroupId")
        try:
            self._deliver(target["Arn"], rule, body, group)
        except Undeliverable as error:
            # User guide, "Using dead-letter queues": at once where a retry cannot help, with these attributes
            if queue := target.get("DeadLetterConfig", {}).get("Arn"):
                attributes = {
                    "ERROR_CODE": error.code,
                    "ERROR_MESSAGE": str(error),
                    "RULE_ARN": rule,
                    "TARGET_ARN": target["Arn"],
                }
                self._dead_letter(queue, body, attributes, rule)
            return False
        return True
