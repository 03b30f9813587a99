"""What Beanstalk tells: the entries of DescribeEvents, and which of them reach EventBridge."""

import json
import re
import uuid
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


@cache
def _mapping() -> tuple[dict[str, Any], ...]:
    """The developer guide's table ("Using Elastic Beanstalk with Amazon EventBridge"), by event text.

    Not in it: failed application deployments (here `optional`), aborts, batches and instances of a
    deployment, versions.
    """
    return tuple(json.loads(Path(__file__).with_name("eventbridge.json").read_text()))


def envelope(event: Event, account: str, region: str, *, failed_deployments: bool) -> dict[str, Any] | None:
    """The event as EventBridge carries it, or None where the guide maps nothing."""
    rows = (row for row in _mapping() if failed_deployments or not row.get("optional"))
    mapped = next((row for row in rows if re.fullmatch(row["message"], event.message)), None)
    if mapped is None or event.environment_name is None:
        return None
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
            "Message": mapped.get("carried", event.message),
            "EnvironmentName": event.environment_name,
            "Severity": event.severity,
        },
    }
