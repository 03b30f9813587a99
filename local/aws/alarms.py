"""CloudWatch alarms on the length of a queue: their states, their events, and the topics that they notify."""

import asyncio
import json
import operator
import sys
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.models import Alarm, cloudwatch_backends
from moto.sns.models import sns_backends

from local.aws import queues
from local.aws.event_bus import Envelope, envelope
from local.aws.permissions import service_may
from local.clock import Clock
from local.settings import ACCOUNT, REGION

CLOUDWATCH = "cloudwatch.amazonaws.com"
METRIC = ("AWS/SQS", "ApproximateNumberOfMessagesVisible")
LONGEST_SUBJECT = 100
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanOrEqualToThreshold": operator.le,
    "LessThanThreshold": operator.lt,
}


@dataclass(frozen=True)
class State:
    value: str
    reason: str
    since: datetime

    @classmethod
    def of(cls, alarm: Alarm) -> "State":
        return cls(alarm.state_value, alarm.state_reason, alarm.state_updated_timestamp.replace(tzinfo=UTC))

    def document(self) -> dict[str, str]:
        return {"value": self.value, "reason": self.reason, "timestamp": _time(self.since)}


async def watch(name: str, clock: Clock) -> None:
    """Evaluates an alarm once in each period, until the alarm is deleted. Only the metric METRIC has data."""
    points: deque[float | None] = deque()
    alarms: dict[str, Alarm] = cloudwatch_backends[ACCOUNT][REGION].alarms
    while (alarm := alarms.get(name)) and (alarm.namespace, alarm.metric_name) == METRIC:
        await clock.sleep(int(alarm.period))
        points.append(_length(alarm))
        while len(points) > int(alarm.evaluation_periods):
            points.popleft()
        state = evaluate(alarm, points)
        if state and state != alarm.state_value:
            reason = f"Threshold Crossed: the last datapoints are {list(points)}, the threshold is {alarm.threshold}."
            await asyncio.to_thread(alarm.update_state, reason, "{}", state)


def _length(alarm: Alarm) -> float | None:
    """Returns the length of the alarm's queue. None: the queue does not exist."""
    names = [dimension.value for dimension in alarm.dimensions if dimension.name == "QueueName"]
    queue = queues.backend().queues.get(names[0]) if names else None
    if queue is None:
        return None
    with queue._messages_lock:
        return float(queue.approximate_number_of_messages)


def evaluate(alarm: Alarm, points: Sequence[float | None]) -> str | None:
    """Returns the alarm's new state (user guide, "Alarm evaluation").

    None: data is missing, so the state does not change.
    """
    present = [point for point in points if point is not None]
    missing = int(alarm.evaluation_periods) - len(present)
    if not present and alarm.treat_missing_data == "ignore":
        return None
    if not present and alarm.treat_missing_data in (None, "missing"):
        return "INSUFFICIENT_DATA"
    breaching = sum(COMPARISONS[alarm.comparison_operator](point, alarm.threshold) for point in present)
    breaching += missing if alarm.treat_missing_data == "breaching" else 0
    return "ALARM" if breaching >= int(alarm.datapoints_to_alarm or alarm.evaluation_periods) else "OK"


def event(alarm: Alarm, before: State, after: State) -> Envelope:
    """Makes the event about a state change (user guide, "Alarm events and EventBridge")."""
    metric = {
        "namespace": alarm.namespace,
        "name": alarm.metric_name,
        "dimensions": {dimension.name: dimension.value for dimension in alarm.dimensions},
    }
    stat = {"metric": metric, "period": int(alarm.period), "stat": alarm.statistic}
    configuration = {"metrics": [{"id": str(uuid.uuid4()), "metricStat": stat, "returnData": True}]}
    detail = {
        "alarmName": alarm.name,
        "state": after.document(),
        "previousState": before.document(),
        "configuration": configuration | ({"description": alarm.description} if alarm.description else {}),
    }
    return envelope("aws.cloudwatch", "CloudWatch Alarm State Change", detail, [alarm.alarm_arn])


def notify(alarm: Alarm, before: State, after: State) -> None:
    """Publishes to the topics that the alarm's actions for the new state name.

    Each topic's policy must allow CloudWatch.
    """
    actions = {"OK": alarm.ok_actions, "ALARM": alarm.alarm_actions}.get(after.value, alarm.insufficient_data_actions)
    subject = f'{after.value}: "{alarm.name}" in US East (N. Virginia)'
    for action in actions or [] if alarm.actions_enabled else []:
        topic = sns_backends[ACCOUNT][REGION].topics.get(action)
        if topic and service_may(topic.policy, CLOUDWATCH, "sns:Publish", action, alarm.alarm_arn):
            topic.publish(json.dumps(_notification(alarm, before, after)), subject=subject[:LONGEST_SUBJECT])
        else:
            print(f"an alarm is lost: {action} is not a topic that accepts {alarm.alarm_arn}", file=sys.stderr)


def _notification(alarm: Alarm, before: State, after: State) -> dict[str, Any]:
    """Makes a message with the main fields of CloudWatch's message. They are from public examples."""
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": ACCOUNT,
        "NewStateValue": after.value,
        "NewStateReason": after.reason,
        "StateChangeTime": _time(after.since),
        "Region": "US East (N. Virginia)",
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": before.value,
    }


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "+0000")
