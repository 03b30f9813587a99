"""Alarms on Wardrop's own queues."""

import json

import msgspec
import pytest

from tests.unit.health.world import EVENT_FILES, WatchedWorld, alerts_of_file
from tests.unit.samples import NOW, baking, seconds
from wardrop.alerts.kinds import Kind, Severity
from wardrop.deployments.deployment import Deployment
from wardrop.evidence.alarms import WatchedAlarms
from wardrop.health.alarm import AlarmEvent, alert_of_alarm
from wardrop.health.events import read_event


def test_an_alarm_names_the_queue_and_the_next_step():
    [alert] = alerts_of_file("alarm_dead_letters")
    assert (alert.kind, alert.severity) == (Kind.DEAD_LETTERS, Severity.ERROR)
    assert "See the log of ReceiveDrop." in alert.text
    assert "wardrop-DropsDead-1A2B3C4D5E6F" in alert.text
    assert alert.next_step is not None
    assert "redrive or purge" in alert.next_step


def test_the_end_of_an_alarm_is_information():
    [alert] = alerts_of_file("alarm_dead_letters_gone")
    assert (alert.kind, alert.severity) == (Kind.DEAD_LETTERS_CLEARED, Severity.INFO)


def test_a_new_alarm_is_not_reported():
    assert alerts_of_file("alarm_is_new") == []


def test_an_alarm_of_somebody_else_is_not_reported():
    assert alerts_of_file("alarm_of_somebody_else") == []


@pytest.mark.parametrize(
    "configuration",
    [
        None,
        [],
        {"metrics": None},
        {"description": None},
        {"metrics": [{"metricStat": {"metric": {"dimensions": {"QueueName": 5}}}}]},
        {"alarmRule": "ALARM(a) OR ALARM(b)"},
    ],
)
@pytest.mark.parametrize("name", ["alarm_dead_letters", "alarm_dead_letters_gone"])
def test_an_alarm_of_wardrop_is_reported_with_any_configuration(name: str, configuration: object):
    body = json.loads(EVENT_FILES[name]["Records"][0]["body"])
    body["detail"]["configuration"] = configuration
    alarm = read_event(json.dumps(body))
    assert isinstance(alarm, AlarmEvent)
    alert = alert_of_alarm(alarm, NOW)
    assert alert is not None
    assert alarm.detail.alarm_name in alert.text


WATCHED = WatchedAlarms(entries=["payments-*"], before=[])


def woken_by(name: str, *deployments: Deployment) -> list[tuple[str, str]]:
    world = WatchedWorld()
    world.record(*deployments)
    world.receive(EVENT_FILES[name])
    return world.woken


def test_an_alarm_wakes_the_environments_whose_deployments_watch_the_alarm():
    watching = baking(alarms=WATCHED)
    other = baking(name="d-2", environment="shop-prod", alarms=WatchedAlarms(entries=["shop-5xx"], before=[]))
    woken = woken_by("alarm_of_somebody_else", watching, other)
    assert woken == [("shop-staging", "alarm/1234a678-1b23-c123-12fd-3f456e780037")]


def test_an_alarm_wakes_nobody_if_no_deployment_watches_the_alarm():
    assert woken_by("alarm_of_somebody_else", baking()) == []


def test_an_alarm_with_any_configuration_wakes_its_environment():
    body = json.loads(EVENT_FILES["alarm_of_somebody_else"]["Records"][0]["body"])
    for configuration in (None, [], {"metrics": None}, {"alarmRule": "ALARM(a) OR ALARM(b)", "description": None}):
        body["detail"]["configuration"] = configuration
        alarm = read_event(json.dumps(body))
        assert isinstance(alarm, AlarmEvent)
        world = WatchedWorld()
        world.record(baking(alarms=WATCHED))
        assert world.watch.on_alarms([alarm], NOW) == ["shop-staging"]


def test_the_end_of_an_alarm_wakes_nobody():
    assert woken_by("alarm_of_somebody_else_ended_ignored", baking(alarms=WATCHED)) == []


def test_an_alarm_costs_one_query_and_no_call_of_beanstalk():
    world = WatchedWorld()
    world.record(baking(alarms=WATCHED))
    world.calls.clear()
    alarm = read_event(EVENT_FILES["alarm_of_somebody_else"]["Records"][0]["body"])
    assert isinstance(alarm, AlarmEvent)
    world.watch.on_alarms([alarm], NOW)
    assert world.calls == ["ledger.environments.active", "mailbox.wake"]


def alarm(state: str = "ALARM", timestamp: str = "2026-01-02T03:04:05.000+0000", **configuration) -> AlarmEvent:
    detail = {
        "alarmName": "wardrop-DropsDead",
        "state": {"value": state, "timestamp": timestamp},
        "previousState": {"value": "ALARM" if state == "OK" else "OK"},
        "configuration": configuration,
    }
    return msgspec.json.decode(json.dumps({"id": "e-1", "detail": detail}), type=AlarmEvent)


def test_an_alarm_without_a_description_and_a_queue_names_what_is_known():
    raised, ended = alert_of_alarm(alarm(), NOW), alert_of_alarm(alarm("OK"), NOW)
    assert raised.text == "Messages are in a dead-letter queue. The queue is wardrop-DropsDead."
    assert ended.text == "The alarm on wardrop-DropsDead has ended."


def test_each_state_change_of_an_alarm_is_reported_once():
    changes = [
        alarm(),
        alarm(timestamp="2026-01-02T04:04:05.000+0000"),
        alarm(timestamp=""),
        alarm("OK"),
        alarm("OK", timestamp="2026-01-02T04:04:05.000+0000"),
    ]
    ids = [alert_of_alarm(change, NOW).alert_id for change in changes]
    assert len(set(ids)) == len(ids)
    assert ids == [alert_of_alarm(change, NOW + seconds(60)).alert_id for change in changes]
    assert all("wardrop-DropsDead" in each or "dropsdead" in each.lower() for each in ids)
