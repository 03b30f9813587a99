"""An event in DescribeEvents, and its form in EventBridge."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
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

    def envelope(self, row: dict[str, str], account: str, region: str) -> dict[str, Any]:
        """Returns the event in EventBridge's envelope. `row` is the event's entry in the table `events`."""
        environment = f"{self.application_name}/{self.environment_name}"
        # In the samples of AWS's guide, `time` is EventDate rounded up to whole seconds.
        later = self.event_date.replace(microsecond=0) + timedelta(seconds=self.event_date.microsecond > 0)
        return {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": row["detail-type"],
            "source": "aws.elasticbeanstalk",
            "account": account,
            "time": later.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": region,
            "resources": [f"arn:aws:elasticbeanstalk:{region}:{account}:environment/{environment}"],
            "detail": {
                "Status": row["status"],
                "EventDate": round(self.event_date.timestamp() * 1000),
                "ApplicationName": self.application_name,
                "Message": row.get("carried", self.message),
                "EnvironmentName": self.environment_name,
                "Severity": self.severity,
            },
        }
