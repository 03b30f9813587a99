"""CloudWatch's alarms on Wardrop's own queues, as EventBridge carries them.

The envelope is that of the CloudWatch user guide, "Alarm events and EventBridge".
"""

from datetime import datetime

import msgspec

from wardrop.alerts import model as alert
from wardrop.alerts.model import Alert, Kind, Severity

SOURCE = "aws.cloudwatch"


class AlarmState(msgspec.Struct, frozen=True):
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
    state: AlarmState
    previous_state: AlarmState = AlarmState()
    configuration: AlarmConfiguration = AlarmConfiguration()


class AlarmEvent(msgspec.Struct, frozen=True, rename={"detail_type": "detail-type"}):
    id: str
    detail: AlarmDetail

    @property
    def queue(self) -> str | None:
        found = (query.metric_stat.metric for query in self.detail.configuration.metrics if query.metric_stat)
        return next((name for metric in found if metric and (name := metric.dimensions.get("QueueName"))), None)


def told(event: AlarmEvent, now: datetime) -> Alert | None:
    """None where nothing began and nothing ended, as when an alarm is new."""
    detail, queue = event.detail, event.queue or event.detail.alarm_name
    subject = f"{detail.alarm_name}/{detail.state.timestamp or event.id}"
    if detail.state.value == "ALARM":
        text = f"{detail.configuration.description or 'Messages wait in a dead-letter queue.'} The queue is {queue}."
        step = "look at the function's log, mend what it says, then redrive or purge its dead-letter queue"
        return alert.alert(Kind.DEAD_LETTERS, subject, now, text, next_step=step)
    if detail.state.value == "OK" and detail.previous_state.value == "ALARM":
        return alert.alert(
            Kind.DEAD_LETTERS,
            subject,
            now,
            f"The alarm on {queue} is over.",
            severity=Severity.INFO,
            title="Wardrop is no longer stuck",
        )
    return None
