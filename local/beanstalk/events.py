"""What Beanstalk tells: the entries of DescribeEvents, and which of them reach EventBridge."""

import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

SEVERITIES = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")

_RESOURCE = "Elastic Beanstalk resource status change"
_OTHER = "Other resource status change"
_HEALTH = "Health status change"
_MANAGED = "Managed update status change"

_MAPPING: tuple[tuple[str, str, str], ...] = (
    (r"createEnvironment is starting\.", _RESOURCE, "Environment creation started"),
    (r"Successfully launched environment: .*", _RESOURCE, "Environment creation successful"),
    (r"Launched environment: .* there were issues .*", _RESOURCE, "Environment creation successful"),
    (r"Failed to launch environment\.", _RESOURCE, "Environment creation failed"),
    (r"Environment update is starting\.", _RESOURCE, "Environment update started"),
    (r"Environment update completed successfully\.", _RESOURCE, "Environment update successful"),
    (r"Failed to deploy configuration\.", _RESOURCE, "Environment update failed"),
    (r"terminateEnvironment is starting\.", _RESOURCE, "Environment termination started"),
    (r"terminateEnvironment completed successfully\.", _RESOURCE, "Environment termination successful"),
    (r"The environment termination step failed .*", _RESOURCE, "Environment termination failed"),
    (r"Created Auto Scaling group named: .*", _OTHER, "Auto Scaling group created"),
    (r"Deleted Auto Scaling group named: .*", _OTHER, "Auto Scaling group deleted"),
    (r"Added instances? \[.*", _OTHER, "Instance added"),
    (r"Removed instances? \[.*", _OTHER, "Instance removed"),
    (r"Created load balancer named: .*", _OTHER, "Load balancer created"),
    (r"Deleted load balancer named: .*", _OTHER, "Load balancer deleted"),
    (r"Environment health has transitioned .*", _HEALTH, "Environment health changed"),
    (r"Managed platform update is in-progress\.", _MANAGED, "Managed updated started"),
    (r"Managed update failed, retrying in .*", _MANAGED, "Managed update failed"),
)
"""EventBridge's mapping table of the developer guide ("Using Elastic Beanstalk with Amazon EventBridge").

Nothing else is mapped: no failed application deployment, no abort, no batch or instance of a deployment, nothing of
application versions.
"""


@dataclass(frozen=True)
class Event:
    date: datetime
    message: str
    severity: str
    application_name: str
    version_label: str | None = None
    environment_name: str | None = None
    environment_id: str | None = None
    request_id: str | None = None

    def describe(self) -> dict[str, Any]:
        return {
            "EventDate": self.date,
            "Message": self.message,
            "ApplicationName": self.application_name,
            "VersionLabel": self.version_label,
            "EnvironmentName": self.environment_name,
            "RequestId": self.request_id,
            "Severity": self.severity,
        }


class EventLog:
    """One region's events, oldest first."""

    def __init__(self, listener: Callable[[Event], None]) -> None:
        self._events: list[Event] = []
        self._listener = listener

    def add(self, event: Event) -> None:
        self._events.append(event)
        self._listener(event)

    def find(
        self,
        wanted: dict[str, str],
        severity: str = "TRACE",
        start: datetime | None = None,
        end: datetime | None = None,
        before: int | None = None,
    ) -> Iterator[tuple[int, Event]]:
        """Newest first, each with its place in the log; `before` is the place to go on from.

        `severity` means that level or a higher one; `start` is inclusive, `end` exclusive.
        """
        levels = SEVERITIES[SEVERITIES.index(severity) :]
        last = len(self._events) if before is None else before
        for place in range(last - 1, -1, -1):
            event = self._events[place]
            if event.severity not in levels or (end is not None and event.date >= end):
                continue
            if start is not None and event.date < start:
                continue
            if all(getattr(event, name) == value for name, value in wanted.items()):
                yield place, event


def envelope(event: Event, account: str, region: str, *, failed_deployments: bool) -> dict[str, Any] | None:
    """The event as EventBridge carries it, or None where the guide maps nothing.

    Whether the live service reports `Failed to deploy application.` as `Environment update failed` is unknown.
    """
    mapping = _MAPPING
    if failed_deployments:
        mapping = (*mapping, (r"Failed to deploy application\.", _RESOURCE, "Environment update failed"))
    for pattern, detail_type, status in mapping:
        if re.fullmatch(pattern, event.message):
            break
    else:
        return None
    launched = event.message.startswith("Successfully launched environment:")
    arn = f"arn:aws:elasticbeanstalk:{region}:{account}:environment/{event.application_name}/{event.environment_name}"
    # The guide's samples carry a `time` of whole seconds that is slightly later than EventDate.
    time = event.date.replace(microsecond=0) + timedelta(seconds=1 if event.date.microsecond else 0)
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": detail_type,
        "source": "aws.elasticbeanstalk",
        "account": account,
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": region,
        "resources": [arn],
        "detail": {
            "Status": status,
            "EventDate": round(event.date.timestamp() * 1000),
            "ApplicationName": event.application_name,
            "Message": "createEnvironment completed successfully." if launched else event.message,
            "EnvironmentName": event.environment_name,
            "Severity": event.severity,
        },
    }
