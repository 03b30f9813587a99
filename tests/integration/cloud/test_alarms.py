"""Alarms on queues: what they tell whom, and when."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from moto.cloudwatch.models import Alarm

from local.aws.alarms import evaluate

from .conftest import Mechanics


def state(alerts: Mechanics, alarm: str) -> str:
    name = alerts.ref(alarm)
    return str(alerts.cloud.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["StateValue"])


def mail(alerts: Mechanics, alarm: str) -> list[dict[str, str]]:
    return [one for one in alerts.cloud.control("GET", "/mail") if alerts.ref(alarm) in one["subject"]]


@pytest.fixture
def quiet(alerts: Mechanics) -> Iterator[None]:
    yield
    alerts.drain("Watched")
    alerts.cloud.eventually(lambda: state(alerts, "WatchedAlarm") == "OK")


@pytest.mark.usefixtures("quiet")
def test_a_message_raises_an_alarm_that_notifies_its_topic_and_the_bus_once(alerts: Mechanics) -> None:
    alerts.cloud.eventually(lambda: state(alerts, "WatchedAlarm") == "OK")
    before = len(mail(alerts, "WatchedAlarm"))
    alerts.send("Watched")
    alerts.cloud.eventually(lambda: state(alerts, "WatchedAlarm") == "ALARM")
    name = alerts.ref("WatchedAlarm")
    [told] = alerts.cloud.eventually(lambda: mail(alerts, "WatchedAlarm")[before:])
    assert (told["to"], told["subject"]) == ("team@example.com", f'ALARM: "{name}" in US East (N. Virginia)')
    document = json.loads(told["text"])
    assert document["AlarmDescription"] == "Somebody should look."
    assert (document["OldStateValue"], document["NewStateValue"]) == ("OK", "ALARM")
    assert document["AlarmArn"] == alerts.cloud.resources["WatchedAlarm"]["Arn"]
    event = json.loads(alerts.await_message("States", name)["Body"])
    assert (event["source"], event["detail-type"]) == ("aws.cloudwatch", "CloudWatch Alarm State Change")
    assert event["resources"] == [document["AlarmArn"]]
    detail = event["detail"]
    assert detail.keys() == {"alarmName", "state", "previousState", "configuration"}
    assert (detail["state"]["value"], detail["previousState"]["value"]) == ("ALARM", "OK")
    [metric] = detail["configuration"]["metrics"]
    assert metric["metricStat"]["metric"]["dimensions"] == {"QueueName": alerts.cloud.resources["Watched"]["QueueName"]}
    assert len(mail(alerts, "WatchedAlarm")) == before + 1


def test_missing_data_is_treated_as_the_alarm_says(alerts: Mechanics) -> None:
    alerts.cloud.eventually(lambda: state(alerts, "MissingAlarm") == "ALARM")
    [told] = alerts.cloud.eventually(lambda: mail(alerts, "MissingAlarm"))
    assert json.loads(told["text"])["OldStateValue"] == "INSUFFICIENT_DATA"


def test_an_alarm_on_another_metric_has_no_data(alerts: Mechanics) -> None:
    alerts.cloud.eventually(lambda: state(alerts, "WatchedAlarm") == "OK")
    assert state(alerts, "OtherAlarm") == "INSUFFICIENT_DATA"


def test_an_alarm_that_is_set_by_hand_is_evaluated_again(alerts: Mechanics) -> None:
    alerts.cloud.eventually(lambda: state(alerts, "WatchedAlarm") == "OK")
    before = len(mail(alerts, "WatchedAlarm"))
    alerts.cloud.client("cloudwatch").set_alarm_state(
        AlarmName=alerts.ref("WatchedAlarm"), StateValue="ALARM", StateReason="to see the mail"
    )
    [told] = alerts.cloud.eventually(lambda: mail(alerts, "WatchedAlarm")[before:])
    assert json.loads(told["text"])["NewStateReason"] == "to see the mail"
    alerts.cloud.eventually(lambda: state(alerts, "WatchedAlarm") == "OK")


def test_a_topic_that_does_not_allow_cloudwatch_gets_nothing(alerts: Mechanics) -> None:
    cloudwatch, closed = alerts.cloud.client("cloudwatch"), alerts.ref("ClosedTopic")
    cloudwatch.put_metric_alarm(
        AlarmName="closed",
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[closed],
    )
    cloudwatch.set_alarm_state(AlarmName="closed", StateValue="ALARM", StateReason="told to")
    alerts.cloud.client("sns").publish(TopicArn=closed, Message="by hand")
    told = [one["text"] for one in alerts.cloud.control("GET", "/mail") if one["to"] == "nobody@example.com"]
    assert told == ["by hand"]


@pytest.mark.parametrize(
    ("comparison", "treated", "values", "periods", "needed", "state"),
    [
        ("GreaterThanThreshold", None, [1], 1, None, "OK"),
        ("GreaterThanThreshold", None, [2], 1, None, "ALARM"),
        ("GreaterThanOrEqualToThreshold", None, [1], 1, None, "ALARM"),
        ("LessThanThreshold", None, [1], 1, None, "OK"),
        ("LessThanOrEqualToThreshold", None, [1], 1, None, "ALARM"),
        ("GreaterThanThreshold", None, [2], 2, None, "OK"),
        ("GreaterThanThreshold", "breaching", [2], 2, None, "ALARM"),
        ("GreaterThanThreshold", None, [2, 0, 2], 3, 2, "ALARM"),
        ("GreaterThanThreshold", None, [2, 0, 2], 3, None, "OK"),
        ("GreaterThanThreshold", None, [None], 1, None, "INSUFFICIENT_DATA"),
        ("GreaterThanThreshold", "notBreaching", [None], 1, None, "OK"),
        ("GreaterThanThreshold", "breaching", [None], 1, None, "ALARM"),
        ("GreaterThanThreshold", "ignore", [None], 1, None, None),
    ],
)
def test_the_state_follows_from_the_datapoints(
    comparison: str, treated: str | None, values: list[Any], periods: int, needed: int | None, state: str | None
) -> None:
    alarm: Any = Alarm.__new__(Alarm)
    alarm.comparison_operator, alarm.treat_missing_data, alarm.threshold = comparison, treated, 1.0
    alarm.evaluation_periods, alarm.datapoints_to_alarm = periods, needed
    assert evaluate(alarm, values) == state
