"""Alarms on queues: when they change their state, and whom they notify."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from moto.cloudwatch.models import Alarm

from local.aws.alarms import evaluate

from .conftest import SmallStack


def state(alert_stack: SmallStack, alarm: str) -> str:
    name = alert_stack.ref(alarm)
    return str(
        alert_stack.cloud.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["StateValue"]
    )


def mails(alert_stack: SmallStack, alarm: str) -> list[dict[str, str]]:
    return [mail for mail in alert_stack.cloud.control("GET", "/mail") if alert_stack.ref(alarm) in mail["subject"]]


@pytest.fixture
def ended_alarm(alert_stack: SmallStack) -> Iterator[None]:
    yield
    alert_stack.drain("Watched")
    alert_stack.cloud.eventually(lambda: state(alert_stack, "WatchedAlarm") == "OK")


@pytest.mark.usefixtures("ended_alarm")
def test_a_message_raises_an_alarm_that_notifies_its_topic_and_the_bus_once(alert_stack: SmallStack) -> None:
    alert_stack.cloud.eventually(lambda: state(alert_stack, "WatchedAlarm") == "OK")
    before = len(mails(alert_stack, "WatchedAlarm"))
    alert_stack.send("Watched")
    alert_stack.cloud.eventually(lambda: state(alert_stack, "WatchedAlarm") == "ALARM")
    name = alert_stack.ref("WatchedAlarm")
    [mail] = alert_stack.cloud.eventually(lambda: mails(alert_stack, "WatchedAlarm")[before:])
    assert (mail["to"], mail["subject"]) == ("team@example.com", f'ALARM: "{name}" in US East (N. Virginia)')
    document = json.loads(mail["text"])
    assert document["AlarmDescription"] == "Somebody should look."
    assert (document["OldStateValue"], document["NewStateValue"]) == ("OK", "ALARM")
    assert document["AlarmArn"] == alert_stack.cloud.resources["WatchedAlarm"]["Arn"]
    event = json.loads(alert_stack.await_message("States", name)["Body"])
    assert (event["source"], event["detail-type"]) == ("aws.cloudwatch", "CloudWatch Alarm State Change")
    assert event["resources"] == [document["AlarmArn"]]
    detail = event["detail"]
    assert detail.keys() == {"alarmName", "state", "previousState", "configuration"}
    assert (detail["state"]["value"], detail["previousState"]["value"]) == ("ALARM", "OK")
    [metric] = detail["configuration"]["metrics"]
    assert metric["metricStat"]["metric"]["dimensions"] == {
        "QueueName": alert_stack.cloud.resources["Watched"]["QueueName"]
    }
    assert len(mails(alert_stack, "WatchedAlarm")) == before + 1


def test_missing_data_is_treated_as_the_alarm_says(alert_stack: SmallStack) -> None:
    alert_stack.cloud.eventually(lambda: state(alert_stack, "MissingAlarm") == "ALARM")
    [mail] = alert_stack.cloud.eventually(lambda: mails(alert_stack, "MissingAlarm"))
    assert json.loads(mail["text"])["OldStateValue"] == "INSUFFICIENT_DATA"


def test_an_alarm_on_another_metric_has_no_data(alert_stack: SmallStack) -> None:
    alert_stack.cloud.eventually(lambda: state(alert_stack, "WatchedAlarm") == "OK")
    assert state(alert_stack, "OtherAlarm") == "INSUFFICIENT_DATA"


def test_an_alarm_that_is_set_by_hand_is_evaluated_again(alert_stack: SmallStack) -> None:
    alert_stack.cloud.eventually(lambda: state(alert_stack, "WatchedAlarm") == "OK")
    before = len(mails(alert_stack, "WatchedAlarm"))
    alert_stack.cloud.client("cloudwatch").set_alarm_state(
        AlarmName=alert_stack.ref("WatchedAlarm"), StateValue="ALARM", StateReason="to see the mail"
    )
    [mail] = alert_stack.cloud.eventually(lambda: mails(alert_stack, "WatchedAlarm")[before:])
    assert json.loads(mail["text"])["NewStateReason"] == "to see the mail"
    alert_stack.cloud.eventually(lambda: state(alert_stack, "WatchedAlarm") == "OK")


def test_a_topic_that_does_not_allow_cloudwatch_gets_nothing(alert_stack: SmallStack) -> None:
    cloudwatch, closed = alert_stack.cloud.client("cloudwatch"), alert_stack.ref("ClosedTopic")
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
    cloudwatch.set_alarm_state(AlarmName="closed", StateValue="ALARM", StateReason="as ordered")
    alert_stack.cloud.client("sns").publish(TopicArn=closed, Message="by hand")
    mails = alert_stack.cloud.control("GET", "/mail")
    assert [mail["text"] for mail in mails if mail["to"] == "nobody@example.com"] == ["by hand"]


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
