"""What Beanstalk tells: the entries of DescribeEvents, and which of them reach EventBridge."""

import json
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

SEVERITIES = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")


@dataclass(frozen=True)
class Event:
    event_date: datetime
    message: str
    severity: str
    application_name: str
    version_label: str | None = None
    environment_name: str | None = None
    environment_id: str | None = None
    request_id: str | None = None


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
        wanted: Mapping[str, str],
        severity: str = "TRACE",
        start: datetime | None = None,
        end: datetime | None = None,
        before: int | None = None,
    ) -> Iterator[tuple[int, Event]]:
        """Newest first, each with its place in the log; `before` is the place to go on from.

        `severity` is that level or a higher one; `start` is inclusive, `end` exclusive.
        """
        levels = SEVERITIES[SEVERITIES.index(severity) :]
        for place in reversed(range(len(self._events) if before is None else before)):
            event = self._events[place]
            in_time = (start is None or event.event_date >= start) and (end is None or event.event_date < end)
            alike = all(getattr(event, name, None) == value for name, value in wanted.items())
            if in_time and alike and event.severity in levels:
                yield place, event


@cache
def _mapping() -> tuple[dict[str, str], ...]:
    """The developer guide's table ("Using Elastic Beanstalk with Amazon EventBridge"), by event text.

    Not in it: failed application deployments, aborts, batches and instances of a deployment, versions.
    """
    return tuple(json.loads(Path(__file__).with_name("eventbridge.json").read_text()))


def envelope(event: Event, account: str, region: str, *, failed_deployments: bool) -> dict[str, Any] | None:
    """The event as EventBridge carries it, or None where the guide maps nothing."""
    mapped = next((row for row in _mapping() if re.fullmatch(row["message"], event.message)), None)
    if failed_deployments and event.message == "Failed to deploy application.":
        mapped = {
            "detail-type": "Elastic Beanstalk resource status change",
            "status": "Environment update failed",
        }
    if mapped is None or event.environment_name is None:
        return None
    launched = event.message.startswith("Successfully launched environment:")
    environment = f"{event.application_name}/{event.environment_name}"
    # The guide's samples have a `time` of whole seconds that is slightly later than EventDate.
    later = event.event_date.replace(microsecond=0) + timedelta(seconds=event.event_date.microsecond > 0)
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": mapped["detail-type"],
        "source": "aws.elasticbeanstalk",
        "account": account,
        "time": later.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": region,
        "resources": [f"arn:aws:elasticbeanstalk:{region}:{account}:environment/{environment}"],
        "detail": {
            "Status": mapped["status"],
            "EventDate": round(event.event_date.timestamp() * 1000),
            "ApplicationName": event.application_name,
            "Message": "createEnvironment completed successfully." if launched else event.message,
            "EnvironmentName": event.environment_name,
            "Severity": event.severity,
        },
    }
