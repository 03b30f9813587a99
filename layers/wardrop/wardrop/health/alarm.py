"""State changes of CloudWatch alarms: alarms on Wardrop's own queues, and alarms that count against a version.

Source of the event's form: CloudWatch user guide, "Alarm events and EventBridge".
"""

from datetime import datetime

import msgspec

from wardrop.alerts.kinds import Kind
from wardrop.alerts.model import Alert, new_alert
from wardrop.foreign_json import JSON_ERRORS

ALARM_SOURCE = "aws.cloudwatch"


class ReportedAlarmState(msgspec.Struct, frozen=True):
    value: str = ""
    timestamp: str = ""


class AlarmConfiguration(msgspec.Struct, frozen=True):
    description: str = ""
    metrics: list["MetricQuery"] = []


class MetricQuery(msgspec.Struct, frozen=True, rename="camel"):
    metric_stat: "MetricStat | None" = None


class MetricStat(msgspec.Struct, frozen=True):
    metric: "Metric | None" = None


class Metric(msgspec.Struct, frozen=True):
    dimensions: dict[str, str] = {}


class AlarmDetail(msgspec.Struct, frozen=True, rename="camel"):
    alarm_name: str
    state: ReportedAlarmState
    previous_state: ReportedAlarmState = ReportedAlarmState()
    configuration: msgspec.Raw = msgspec.Raw(b"{}")
    """The alarm's configuration. Its form depends on the kind of alarm. Wardrop parses it only for its own alarms."""


class AlarmEvent(msgspec.Struct, frozen=True, rename={"detail_type": "detail-type"}):
    id: str
    detail: AlarmDetail

    @property
    def configuration(self) -> AlarmConfiguration:
        """The description and the metrics. They are empty if the configuration does not have the documented form."""
        try:
            return msgspec.json.decode(self.detail.configuration, type=AlarmConfiguration)
        except JSON_ERRORS:
            return AlarmConfiguration()

    @property
    def queue(self) -> str | None:
        metrics = [query.metric_stat.metric for query in self.configuration.metrics if query.metric_stat]
        return next((name for metric in metrics if metric and (name := metric.dimensions.get("QueueName"))), None)

    @property
    def has_begun(self) -> bool:
        return self.detail.state.value == "ALARM"

    @property
    def has_ended(self) -> bool:
        """Whether the alarm changed from ALARM to OK. A new alarm has not ended: it changes from INSUFFICIENT_DATA."""
        return self.detail.state.value == "OK" and self.detail.previous_state.value == "ALARM"


def alert_of_alarm(event: AlarmEvent, now: datetime) -> Alert | None:
    """Returns the alert about an alarm, or None if the alarm neither began nor ended."""
    detail, queue = event.detail, event.queue or event.detail.alarm_name
    subject = f"{detail.alarm_name}/{detail.state.timestamp or event.id}"
    if event.has_begun:
        description = event.configuration.description or "Messages are in a dead-letter queue."
        return new_alert(Kind.DEAD_LETTERS, subject, now, f"{description} The queue is {queue}.")
    if event.has_ended:
        return new_alert(Kind.DEAD_LETTERS_CLEARED, subject, now, f"The alarm on {queue} has ended.")
    return None
