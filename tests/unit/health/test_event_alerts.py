"""The events of Beanstalk that are reported, with their severities and titles."""

import json
from typing import Any

import msgspec
import pytest

from tests.unit.health.world import EVENT_FILES, WatchedWorld, alerts_of_file, health_event
from tests.unit.samples import NOW, deploying, environment, queued, seconds
from wardrop.alerts.kinds import Kind, Severity
from wardrop.alerts.model import Alert
from wardrop.alerts.text import headline
from wardrop.deployments.history import Moment
from wardrop.deployments.state import State
from wardrop.health.event_alerts import alerts_of_events, report_of
from wardrop.health.events import BeanstalkEvent, Detail

INFO, WARNING, ERROR, CRITICAL = Severity.INFO, Severity.WARNING, Severity.ERROR, Severity.CRITICAL

REPORTED: dict[str, list[tuple[Severity, str]]] = {
    "alarm_dead_letters": [(ERROR, "Wardrop: messages are not being processed")],
    "alarm_dead_letters_gone": [(INFO, "Wardrop: the alarm on unprocessed messages has ended")],
    "application_update_failed": [(ERROR, "shop-staging: an update failed")],
    "basic_health_from_yellow_to_red": [(CRITICAL, "shop-staging: health is Severe")],
    "basic_health_red": [(CRITICAL, "shop-staging: health is Severe")],
    "creation_failed": [(ERROR, "shop-staging: the launch failed")],
    "creation_successful_with_issues": [(WARNING, "shop-staging: the launch completed with issues")],
    "health_doubled_and_reordered": [
        (CRITICAL, "shop-staging: health is Severe"),
        (INFO, "shop-staging: health recovered after 1 min"),
    ],
    "health_from_pending_to_warning": [(WARNING, "shop-staging: health is Warning")],
    "health_no_data": [(WARNING, "shop-staging: Beanstalk cannot determine the health")],
    "health_severe": [(CRITICAL, "shop-staging: health is Severe")],
    "health_severe_by_command": [(CRITICAL, "shop-staging: health is Severe")],
    "health_suspended": [(WARNING, "shop-staging: Beanstalk cannot determine the health")],
    "health_unknown": [(WARNING, "shop-staging: Beanstalk cannot determine the health")],
    "health_warning": [(WARNING, "shop-staging: health is Warning")],
    "health_without_before": [(ERROR, "shop-staging: health is Degraded")],
    "health_without_words": [(WARNING, "shop-staging: unknown Beanstalk event")],
    "health_worsening": [(CRITICAL, "shop-staging: health is Severe")],
    "load_balancer_deleted": [(ERROR, "shop-staging: the load balancer was deleted")],
    "load_balancer_deleted_while_terminating": [(WARNING, "shop-staging: the environment is being terminated")],
    "managed_update_failed": [(ERROR, "shop-staging: a managed platform update failed")],
    "missing_fields": [(WARNING, "shop-staging: unknown Beanstalk event")],
    "newer_envelope_with_unknown_fields": [(CRITICAL, "shop-staging: health is Severe")],
    "termination_failed": [(ERROR, "shop-staging: the termination failed")],
    "termination_started": [(WARNING, "shop-staging: the environment is being terminated")],
    "termination_successful": [(WARNING, "shop-staging: the environment was terminated")],
    "unknown_status": [(WARNING, "shop-staging: unknown Beanstalk event")],
    "unknown_status_error": [(ERROR, "shop-staging: unknown Beanstalk error")],
    "unknown_status_with_hostile_message": [(WARNING, "shop-staging: unknown Beanstalk event")],
    "update_failed": [(ERROR, "shop-staging: an update failed")],
} | {name: [(ERROR, "shop-staging: health is Degraded")] for name in EVENT_FILES if name.startswith("health_degraded")}
"""The events in the other files are not reported."""


@pytest.mark.parametrize("name", [name for name in EVENT_FILES if not name.endswith("_ignored") and name != "tick"])
def test_each_event_is_reported_with_its_severity(name):
    assert [(alert.severity, headline(alert)) for alert in alerts_of_file(name)] == REPORTED.get(name, [])


@pytest.mark.parametrize("name", [name for name in EVENT_FILES if name.endswith("_ignored")])
def test_events_that_the_rule_does_not_match_are_in_no_row(name):
    assert name not in REPORTED


@pytest.mark.parametrize("name", REPORTED)
def test_an_event_that_comes_twice_is_reported_once(name):
    world = WatchedWorld()
    for later in (0, 1, 120):
        world.receive(EVENT_FILES[name], NOW + seconds(later))
    alerts = [alert for alert in world.alerts if alert.kind is not Kind.INCIDENT_RECOVERED]
    assert len(alerts) == len([title for _, title in REPORTED[name] if "recovered" not in title])


def only(name: str, **shown: Any) -> Alert:
    [alert] = alerts_of_file(name, environment(**shown))
    return alert


class TestReports:
    def test_the_same_event_with_another_id_is_reported_once(self):
        world = WatchedWorld()
        world.receive(EVENT_FILES["managed_update_failed"])
        again = json.loads(json.dumps(EVENT_FILES["managed_update_failed"]).replace("1234a678", "9999a678"))
        world.receive(again)
        assert world.alert_kinds == [Kind.MANAGED_UPDATE_FAILED]

    def test_two_events_with_different_texts_are_both_reported(self):
        world = WatchedWorld()
        world.receive(EVENT_FILES["load_balancer_deleted"])
        world.receive(
            json.loads(json.dumps(EVENT_FILES["load_balancer_deleted"]).replace("awseb-AWSEB-1", "awseb-AWSEB-2"))
        )
        assert len(world.alerts) == 2

    def test_the_load_balancer_of_an_environment_that_is_not_shown_is_not_reported(self):
        world = WatchedWorld(environment(name="shop-prod"))
        world.receive(EVENT_FILES["load_balancer_deleted"])
        assert world.alerts == []

    def test_the_application_is_that_of_the_environment_if_the_event_names_none(self):
        event = json.loads(json.dumps(EVENT_FILES["managed_update_failed"]).replace('\\"shop\\"', '\\"\\"'))
        world = WatchedWorld()
        world.receive(event)
        assert [alert.application for alert in world.alerts] == ["shop"]

    def test_an_event_without_an_application_about_an_unknown_environment_is_not_reported(self):
        event = json.loads(json.dumps(EVENT_FILES["managed_update_failed"]).replace('\\"shop\\"', '\\"\\"'))
        world = WatchedWorld(environment(name="shop-prod"))
        world.receive(event)
        assert world.alerts == []

    def test_an_event_that_is_not_reported_hides_no_other_event(self):
        details = [
            Detail(status="Instance added", severity="INFO", environment_name="shop-staging"),
            Detail(status="Environment update failed", severity="ERROR", application_name="shop"),
        ]
        events = [BeanstalkEvent("1", "Other resource status change", detail) for detail in details]
        [(event, alert)] = alerts_of_events(events, {"shop-staging": environment()}, NOW)
        assert (event, alert.environment, alert.application) == (events[1], None, "shop")

    def test_the_id_of_an_alert_has_a_limited_length(self):
        detail = Detail(status="x" * 150, event_date="1" * 150, severity="ERROR", environment_name="shop-staging")
        event = BeanstalkEvent("1", "Other resource status change", detail)
        [(_, alert)] = alerts_of_events([event], {"shop-staging": environment()}, NOW)
        name, status, occasion, _ = alert.alert_id.split("/")
        assert (name, len(status), len(occasion)) == ("shop-staging", 100, 100)

    def test_a_message_that_is_no_valid_unicode_is_reported(self):
        detail = Detail(status="Other", severity="ERROR", message="\ud800", environment_name="shop-staging")
        event = BeanstalkEvent("1", "Other resource status change", detail)
        [(_, alert)] = alerts_of_events([event], {"shop-staging": environment()}, NOW)
        assert alert.kind is Kind.ENVIRONMENT_EVENT

    def test_a_long_and_hostile_message_is_quoted_on_one_line_and_cut(self):
        alert = only("unknown_status_with_hostile_message")
        assert len(alert.text) == 500
        assert "\n" not in alert.text
        assert alert.text.startswith("<!channel> `rm -rf /`")
        assert alert.text.endswith("…")

    def test_the_alert_names_the_environment_and_the_time_of_the_event(self):
        alert = only("load_balancer_deleted")
        assert (alert.environment_id, alert.next_step) == ("e-1", "wardrop status shop-staging")
        assert alert.at.isoformat() == "2026-01-02T03:04:04.951000+00:00"

    def test_unknown_health_is_not_reported_while_the_environment_is_being_changed(self):
        assert alerts_of_file("health_no_data", environment(status="Updating")) == []
        assert alerts_of_file("health_suspended", environment(status="Launching")) == []
        assert only("health_suspended", status="Updating").severity is WARNING

    def test_unknown_health_is_reported_once_an_hour(self):
        world = WatchedWorld()
        for minute in range(50):
            at = NOW + seconds(60 * minute)
            world.receive(health_event(f"Environment health has transitioned from Ok to Unknown. {minute}", at), at)
        assert len(world.alerts) == 1


class TestUnknownStatuses:
    @pytest.mark.parametrize(
        ("severity", "title"),
        [
            ("INFO", None),
            ("info", None),
            ("DEBUG", None),
            ("TRACE", None),
            ("WARN", "unknown Beanstalk event"),
            ("NOTICE", "unknown Beanstalk event"),
            ("", "unknown Beanstalk event"),
            (None, "unknown Beanstalk event"),
            ("ERROR", "unknown Beanstalk error"),
            ("FATAL", "unknown Beanstalk error"),
        ],
    )
    def test_an_unknown_status_is_reported_by_its_severity(self, severity: str | None, title: str | None):
        detail = Detail(status="Instance profile rotated", severity=severity, environment_name="shop-staging")
        report = report_of(BeanstalkEvent("1", "Other resource status change", detail), environment(), NOW)
        assert (report.title if report else None) == title

    @pytest.mark.parametrize("status", ["Managed update failed", "Environment termination failed"])
    def test_a_failure_of_awss_table_is_an_error_although_its_severity_is_info(self, status: str):
        detail = Detail(status=status, severity="INFO", environment_name="shop-staging")
        report = report_of(BeanstalkEvent("1", "Other resource status change", detail), environment(), NOW)
        assert report is not None
        assert report.severity is ERROR

    def test_an_unknown_status_of_severity_info_still_wakes_a_deployment(self):
        world = WatchedWorld()
        world.record(deploying())
        world.receive(EVENT_FILES["unknown_status_info"])
        assert [name for name, _ in world.woken] == ["shop-staging"]
        assert world.alerts == []


class TestFailedUpdates:
    def test_an_update_of_our_own_deployment_is_not_reported(self):
        world = WatchedWorld()
        began = [Moment(NOW - seconds(600), State.QUEUED, ""), Moment(NOW - seconds(300), State.DEPLOYING, "")]
        world.record(deploying(history=began, revision=0))
        world.receive(EVENT_FILES["application_update_failed"])
        assert world.alerts == []

    def test_an_update_of_our_own_finished_deployment_is_not_reported(self):
        world = WatchedWorld()
        moments = [
            Moment(NOW - seconds(300), State.DEPLOYING, ""),
            Moment(NOW - seconds(5), State.ROLLING_BACK, ""),
            Moment(NOW + seconds(300), State.ROLLED_BACK, ""),
        ]
        world.record(deploying(state=State.ROLLED_BACK, history=moments, revision=0))
        world.receive(EVENT_FILES["application_update_failed"], NOW + seconds(301))
        assert world.alerts == []

    def test_an_update_while_our_deployment_waits_is_reported(self):
        world = WatchedWorld()
        world.record(queued())
        world.receive(EVENT_FILES["update_failed"])
        assert world.alert_kinds == [Kind.ENVIRONMENT_EVENT]

    def test_an_update_after_our_deployment_has_ended_is_reported(self):
        world = WatchedWorld()
        moments = [Moment(NOW - seconds(600), State.DEPLOYING, ""), Moment(NOW - seconds(300), State.SUCCEEDED, "")]
        world.record(deploying(state=State.SUCCEEDED, history=moments, revision=0))
        world.receive(EVENT_FILES["update_failed"])
        assert world.alert_kinds == [Kind.ENVIRONMENT_EVENT]


def beanstalk_event(**differs: Any) -> BeanstalkEvent:
    plain = {
        "Status": "Environment update failed",
        "EventDate": 1767323045,
        "Severity": "ERROR",
        "Message": "it failed",
        "ApplicationName": "shop",
        "EnvironmentName": "shop-staging",
    }
    body = {"id": "e-1", "detail-type": "Elastic Beanstalk resource status change", "detail": plain | differs}
    return msgspec.json.decode(json.dumps(body), type=BeanstalkEvent)


def test_an_alert_about_an_environment_that_is_not_listed_has_no_next_step():
    [(_, alert)] = alerts_of_events([beanstalk_event()], {}, NOW)
    assert (alert.environment, alert.environment_id, alert.next_step) == ("shop-staging", None, None)


def test_events_about_an_application_alone_are_told_apart_by_application():
    events = [beanstalk_event(EnvironmentName="", ApplicationName=name) for name in ("shop", "mall")]
    ids = {alert.alert_id for _, alert in alerts_of_events(events, {}, NOW)}
    assert len(ids) == 2
