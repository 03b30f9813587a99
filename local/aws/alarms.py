"""CloudWatch alarms on how many messages a queue holds: their states, and whom they tell."""

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
COMPARISONS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
    "LessThanThreshold": (operator.lt, "less than"),
}

Point = tuple[float | None, datetime]
"""A queue's length, None if it does not exist, and when it was."""


@dataclass(frozen=True)
class State:
    value: str
    reason: str
    reason_data: str | None
    since: datetime

    @classmethod
    def of(cls, alarm: Alarm) -> "State":
        since = alarm.state_updated_timestamp.replace(tzinfo=UTC)
        return cls(alarm.state_value, alarm.state_reason, alarm.state_reason_data, since)

    def shown(self) -> dict[str, str]:
        known = {"reasonData": self.reason_data} if self.reason_data else {}
        return {"value": self.value, "reason": self.reason, **known, "timestamp": _time(self.since)}


async def watch(name: str, clock: Clock) -> None:
    """Looks once in each of the alarm's periods, as long as there is such an alarm, on a metric known here."""
    points: deque[Point] = deque()
    alarms: dict[str, Alarm] = cloudwatch_backends[ACCOUNT][REGION].alarms
    while (alarm := alarms.get(name)) and (alarm.namespace, alarm.metric_name) == METRIC:
        await clock.sleep(int(alarm.period))
        points.append((_length(alarm), clock.now()))
        while len(points) > int(alarm.evaluation_periods):
            points.popleft()
        found = judgement(alarm, points)
        if found and found[0] != alarm.state_value:
            value, reason = found
            await asyncio.to_thread(alarm.update_state, reason, _reason_data(alarm, points), value)


def _length(alarm: Alarm) -> float | None:
    names = [dimension.value for dimension in alarm.dimensions if dimension.name == "QueueName"]
    queue = queues.backend().queues.get(names[0]) if names else None
    if queue is None:
        return None
    with queue._messages_lock:
        return float(queue.approximate_number_of_messages)


def judgement(alarm: Alarm, points: Sequence[Point]) -> tuple[str, str] | None:
    """The state and why; None where missing data leave it as it is. User guide, "Alarm evaluation"."""
    exceeds, words = COMPARISONS[alarm.comparison_operator]
    known = [(value, at) for value, at in points if value is not None]
    missing, treated = int(alarm.evaluation_periods) - len(known), alarm.treat_missing_data or "missing"
    if not known:
        were = f"{missing} datapoint was" if missing == 1 else f"{missing} datapoints were"
        if treated == "ignore":
            return None
        if treated == "missing":
            return "INSUFFICIENT_DATA", f"Insufficient Data: {were} unknown."
        none = f"no datapoints were received for {missing} period{'' if missing == 1 else 's'}"
        said = f"Threshold Crossed: {none} and {were.replace(' ', ' missing ', 1)} treated as"
        return ("ALARM", f"{said} [Breaching].") if treated == "breaching" else ("OK", f"{said} [NonBreaching].")
    needed = int(alarm.datapoints_to_alarm or alarm.evaluation_periods)
    over = [point for point in known if exceeds(point[0], alarm.threshold)]
    is_alarm = len(over) + (missing if treated == "breaching" else 0) >= needed
    named = over if is_alarm else [point for point in known if point not in over]
    values = ", ".join(f"{value} ({at:%d/%m/%y %H:%M:%S})" for value, at in reversed(named))
    crossed = f"{'was' if len(named) == 1 else 'were'} {'' if is_alarm else 'not '}{words} the threshold"
    turn = "OK -> ALARM" if is_alarm else "ALARM -> OK"
    minimum = f"(minimum {needed} datapoint{'' if needed == 1 else 's'} for {turn} transition)"
    said = f"Threshold Crossed: {len(named)} out of the last {int(alarm.evaluation_periods)} datapoints [{values}]"
    return "ALARM" if is_alarm else "OK", f"{said} {crossed} ({float(alarm.threshold)}) {minimum}."


def _reason_data(alarm: Alarm, points: Sequence[Point]) -> str:
    known = [(value, at) for value, at in points if value is not None]
    data = {
        "version": "1.0",
        "queryDate": _time(datetime.now(UTC)),
        **({"startDate": _time(known[0][1])} if known else {}),
        "statistic": alarm.statistic,
        "period": int(alarm.period),
        "recentDatapoints": [value for value, _ in known],
        "threshold": float(alarm.threshold),
    }
    return json.dumps(data, separators=(",", ":"))


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "+0000"


def event(alarm: Alarm, before: State, after: State) -> Envelope:
    """User guide, "Alarm events and EventBridge"."""
    metric = {
        "namespace": alarm.namespace,
        "name": alarm.metric_name,
        "dimensions": {dimension.name: dimension.value for dimension in alarm.dimensions},
    }
    stat = {"metric": metric, "period": int(alarm.period), "stat": alarm.statistic}
    described = {"description": alarm.description} if alarm.description else {}
    detail = {
        "alarmName": alarm.name,
        "state": after.shown(),
        "previousState": before.shown(),
        "configuration": {
            **described,
            "metrics": [{"id": str(uuid.uuid4()), "metricStat": stat, "returnData": True}],
        },
    }
    return envelope("aws.cloudwatch", "CloudWatch Alarm State Change", detail, [alarm.alarm_arn])


def tell(alarm: Alarm, before: State, after: State) -> None:
    """Publishes to the topics that are the actions of the alarm's new state, where they let CloudWatch in."""
    actions = {"OK": alarm.ok_actions, "ALARM": alarm.alarm_actions}
    told = actions.get(after.value, alarm.insufficient_data_actions) if alarm.actions_enabled else []
    subject = f'{after.value}: "{alarm.name}" in US East (N. Virginia)'
    for action in told or []:
        topic = sns_backends[ACCOUNT][REGION].topics.get(action)
        if topic and service_may(topic.policy, CLOUDWATCH, "sns:Publish", action, alarm.alarm_arn):
            topic.publish(json.dumps(notification(alarm, before, after)), subject=subject[:LONGEST_SUBJECT])
        else:
            print(f"an alarm is lost: {action} is not a topic that lets {alarm.alarm_arn} in", file=sys.stderr)


def notification(alarm: Alarm, before: State, after: State) -> dict[str, Any]:
    """What CloudWatch publishes; the document is known from public examples, not from AWS's guide."""
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": ACCOUNT,
        "AlarmConfigurationUpdatedTimestamp": _time(alarm.configuration_updated_timestamp),
        "NewStateValue": after.value,
        "NewStateReason": after.reason,
        "StateChangeTime": _time(after.since),
        "Region": "US East (N. Virginia)",
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": before.value,
        "OKActions": alarm.ok_actions or [],
        "AlarmActions": alarm.alarm_actions or [],
        "InsufficientDataActions": alarm.insufficient_data_actions or [],
        "Trigger": {
            "MetricName": alarm.metric_name,
            "Namespace": alarm.namespace,
            "StatisticType": "Statistic",
            "Statistic": str(alarm.statistic).upper(),
            "Unit": alarm.unit,
            "Dimensions": [{"value": dimension.value, "name": dimension.name} for dimension in alarm.dimensions],
            "Period": int(alarm.period),
            "EvaluationPeriods": int(alarm.evaluation_periods),
            "ComparisonOperator": alarm.comparison_operator,
            "Threshold": float(alarm.threshold),
            "TreatMissingData": alarm.treat_missing_data or "missing",
            "EvaluateLowSampleCountPercentile": "",
        },
    }
