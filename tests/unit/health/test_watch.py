"""The environments that a tick or events wake, the alerts, and the number of calls."""

import json
from collections import Counter
from typing import Any

import pytest

from tests.unit.guard.samples import guarded
from tests.unit.health.world import EVENT_FILES, WatchedWorld, batch_of, health_event
from tests.unit.samples import NOW, deploying, environment, queued, seconds
from tests.unit.world import once, raising
from wardrop.alerts.kinds import Kind
from wardrop.environments.model import Environment, Health
from wardrop.errors import LedgerBusy, NotNow, Outdated
from wardrop.health.events import BeanstalkEvent, read_event
from wardrop.health.incident import Phase
from wardrop.health.selection import MOST_READ

IDLE_TICK = ["ledger.alerts.resend", "ledger.environments.active", "beanstalk.all_environments"]
SEVERE_EVENT = "Environment health has transitioned from Ok to Severe."


def world(*deploying_to: str) -> WatchedWorld:
    """With a queued deployment to each of these environments."""
    shop = WatchedWorld()
    for name in deploying_to:
        shop.record(queued(f"d-{name}", environment=name))
    return shop


def many(count: int, health: Health = Health.OK) -> list[Environment]:
    return [environment(name=f"shop-{n:04}", id=f"e-{n}", health=health) for n in range(count)]


def event(name: str, event_id: str = "1") -> BeanstalkEvent:
    body = {
        "id": event_id,
        "detail-type": "Other resource status change",
        "detail": {"EnvironmentName": name, "Status": "Instance added"},
    }
    received = read_event(json.dumps(body))
    assert isinstance(received, BeanstalkEvent)
    return received


def events_of(body: str, *names: str) -> list[BeanstalkEvent]:
    """The event of this body, once for each environment."""
    received = [read_event(body.replace("shop-staging", name)) for name in names]
    return [event for event in received if isinstance(event, BeanstalkEvent)]


def tick(shop: WatchedWorld, minute: float) -> None:
    shop.watch.on_tick(f"{minute}", NOW + seconds(60 * minute))


class TestTicks:
    def test_every_environment_with_an_active_deployment_is_woken_once_a_tick(self):
        shop = world("shop-staging", "shop-prod")
        assert shop.watch.on_tick("03:04", NOW).woken == ["shop-prod", "shop-staging"]
        assert shop.woken == [("shop-prod", "tick/03:04"), ("shop-staging", "tick/03:04")]

    def test_one_describe_environments_serves_all_and_its_answer_is_sent_with_the_wake_up(self):
        shop = world("shop-staging", "shop-prod")
        tick(shop, 0)
        assert shop.calls == [*IDLE_TICK, "mailbox.wake"]
        assert [wake_up.snapshot.id for wake_up in shop.mailbox.woken if wake_up.snapshot] == ["e-2", "e-1"]
        assert {wake_up.snapshot_at for wake_up in shop.mailbox.woken} == {NOW}

    def test_with_nothing_to_do_it_costs_two_queries_and_one_describe_environments(self):
        shop = world()
        assert shop.watch.on_tick("03:04", NOW).woken == []
        assert shop.calls == IDLE_TICK

    def test_an_environment_that_is_not_shown_is_woken_because_its_deployment_must_end(self):
        shop = world("shop-gone")
        tick(shop, 0)
        assert [wake_up.snapshot for wake_up in shop.mailbox.woken] == [None]

    def test_alerts_that_were_not_sent_in_time_are_sent_again_and_logged(self, caplog):
        shop = world()
        shop.receive(EVENT_FILES["managed_update_failed"])
        [alert] = shop.alerts
        shop.watch.on_tick("03:04", alert.at + seconds(300))
        assert caplog.text == ""
        shop.watch.on_tick("03:05", alert.at + seconds(301))
        assert alert.alert_id in caplog.text


class TestHealthOnTicks:
    def test_bad_health_without_an_event_is_reported_once(self):
        shop = world()
        shop.show(health=Health.SEVERE)
        for minute in range(3):
            tick(shop, minute)
        assert shop.alert_kinds == [Kind.INCIDENT_OPENED]
        assert "Wardrop received no event about it" in shop.alerts[0].text

    def test_a_recovery_without_an_event_is_reported(self):
        shop = world()
        shop.show(health=Health.DEGRADED)
        tick(shop, 0)
        shop.show()
        tick(shop, 12)
        assert shop.alert_kinds == [Kind.INCIDENT_OPENED, Kind.INCIDENT_RECOVERED]
        assert shop.alerts[1].duration_seconds == 720

    def test_bad_health_that_was_reported_costs_one_more_read_and_no_write(self):
        shop = world()
        shop.show(health=Health.SEVERE)
        tick(shop, 0)
        shop.calls.clear()
        tick(shop, 0.9)
        assert shop.calls == [*IDLE_TICK, "ledger.incidents.read"]

    def test_the_configuration_is_read_once_a_minute_however_many_environments_are_bad(self):
        shop = WatchedWorld(*many(30, Health.SEVERE))
        for minute in (0, 0.5):
            tick(shop, minute)
        assert shop.calls.count("parameters.read") == 1
        assert len(shop.alerts) == 30

    def test_health_that_is_milder_than_configured_is_not_reported(self):
        shop = world()
        shop.parameters.documents["shop"] = "environments: [{name: shop-staging, alert_from: Degraded}]"
        shop.show(health=Health.WARNING)
        tick(shop, 0)
        assert shop.alerts == []
        shop.show(health=Health.DEGRADED)
        tick(shop, 1)
        assert shop.alert_kinds == [Kind.INCIDENT_OPENED]

    def test_our_own_deployment_is_read_only_if_health_is_bad(self):
        shop = world()
        shop.record(deploying(revision=0))
        shop.show(status="Updating", health=Health.INFO)
        tick(shop, 0)
        assert "ledger.environments.read" not in shop.calls
        shop.show(status="Updating", health=Health.WARNING)
        tick(shop, 1)
        assert shop.calls.count("ledger.environments.read") == 1
        assert shop.alerts == []
        tick(shop, 4)
        assert shop.alert_kinds == [Kind.INCIDENT_OPENED]
        assert "deployment of shop-2.0 is in progress" in shop.alerts[0].text

    def test_an_error_of_one_environment_does_not_stop_the_others_and_fails_the_tick(self):
        shop = WatchedWorld(*many(2, Health.SEVERE))
        shop.before["ledger.incidents.write"] = once(raising(RuntimeError("no such table")))
        with pytest.raises(ExceptionGroup, match="health") as raised:
            tick(shop, 0)
        assert [str(error) for error in raised.value.exceptions] == ["no such table"]
        assert [alert.environment for alert in shop.alerts] == ["shop-0001"]

    def test_a_busy_ledger_is_left_to_the_next_tick(self):
        shop = WatchedWorld(*many(2, Health.SEVERE))
        shop.before["ledger.incidents.write"] = once(raising(LedgerBusy("DynamoDB refused PutItem")))
        tick(shop, 0)
        assert [alert.environment for alert in shop.alerts] == ["shop-0001"]
        tick(shop, 1)
        assert {alert.environment for alert in shop.alerts} == {"shop-0000", "shop-0001"}

    def test_an_open_incident_is_checked_even_if_no_bad_health_is_shown(self):
        shop = world()
        shop.show(health=Health.SEVERE)
        tick(shop, 0)
        shop.beanstalk.described = {}
        for minute in range(1, 18):
            tick(shop, minute)
        assert shop.alert_kinds == [Kind.INCIDENT_OPENED, Kind.INCIDENT_RECOVERED]
        assert "has not listed the environment for 15 min" in shop.alerts[1].text
        assert shop.incident().phase is Phase.CLOSED


class TestConcurrentChanges:
    def outdated(self, shop: WatchedWorld, times: int) -> None:
        """The first writes of the incident fail, because another invocation has changed it."""
        errors = [Outdated("the ledger has changed since it was read")] * times

        def fail() -> None:
            if errors:
                raise errors.pop()

        shop.before["ledger.incidents.write"] = fail

    def test_a_check_is_repeated_with_the_changed_incident(self):
        shop = world()
        self.outdated(shop, 2)
        shop.receive(EVENT_FILES["health_severe"])
        assert shop.alert_kinds == [Kind.INCIDENT_OPENED]
        assert shop.calls.count("ledger.incidents.read") == 3

    def test_after_three_attempts_events_are_delivered_again_and_a_tick_leaves_it_to_the_next(self):
        shop = world()
        self.outdated(shop, 6)
        [severe] = events_of(EVENT_FILES["health_severe"]["Records"][0]["body"], "shop-staging")
        assert shop.watch.on_events([severe], NOW).failed == {severe.id}
        shop.show(health=Health.SEVERE)
        tick(shop, 1)
        assert shop.alerts == []
        tick(shop, 2)
        assert shop.alert_kinds == [Kind.INCIDENT_OPENED]


class TestSettings:
    def test_the_guard_is_asked_to_read_the_settings_of_an_environment_that_was_updated(self):
        shop = world()
        shop.show(updated_at=NOW)
        tick(shop, 1)
        [request] = shop.guard.sent
        assert (request.environment, request.cause) == ("shop-staging", "tick/1")
        assert request.recent_snapshot(NOW + seconds(61)) == shop.beanstalk.described["shop-staging"]

    def test_one_tick_asks_for_ten_environments_at_most(self):
        shop = WatchedWorld(*many(200))
        for name in shop.beanstalk.described:
            shop.show(name, updated_at=NOW)
        tick(shop, 1)
        assert len({request.environment for request in shop.guard.sent}) == len(shop.guard.sent) == MOST_READ

    def test_a_tick_makes_one_call_to_beanstalk_however_many_environments_there_are(self):
        shop = WatchedWorld(*many(1000))
        tick(shop, 24 * 60)
        assert shop.calls == [*IDLE_TICK, "guard.send"]
        assert len(shop.guard.sent) == 1

    def test_the_settings_of_an_environment_that_is_not_shown_are_deleted(self):
        shop = world()
        shop.record_settings("shop-gone")
        tick(shop, 0)
        assert set(shop.settings()) == {"shop-staging", "shop-prod"}


class TestEvents:
    def test_only_environments_with_active_deployments_are_woken(self):
        shop = world("shop-staging")
        events = [event("shop-staging", "a"), event("shop-prod", "b")]
        assert shop.watch.on_events(events, NOW).woken == ["shop-staging"]
        assert shop.woken == [("shop-staging", "event/a")]

    def test_many_events_of_one_environment_wake_it_once(self):
        shop = world("shop-staging")
        shop.watch.on_events([event("shop-staging", str(n)) for n in range(100)], NOW)
        assert shop.woken == [("shop-staging", "event/99")]
        assert shop.calls == ["ledger.environments.active", "beanstalk.environments", "mailbox.wake"]

    def test_an_event_that_is_not_reported_and_wakes_nothing_costs_one_read(self):
        shop = world()
        assert shop.watch.on_events([event("shop-staging"), event("")], NOW).woken == []
        assert shop.calls == ["ledger.environments.active"]

    def test_a_batch_about_many_environments_costs_one_describe_environments_and_one_read_of_incidents(self):
        shop = WatchedWorld(*many(100))
        shop.receive(batch_of([health_event(SEVERE_EVENT, NOW, f"shop-{n:04}", str(n)) for n in range(100)]))
        calls = Counter(shop.calls)
        assert len(shop.alerts) == 100
        assert calls["beanstalk.environments"] == calls["ledger.incidents.read"] == 1
        assert calls["parameters.read"] == 1
        assert calls["beanstalk.health"] == 10
        assert sum("many incidents are reported at the same time" in alert.text for alert in shop.alerts) == 90

    def test_after_a_failed_look_up_the_next_alerts_say_why_they_have_no_details(self):
        shop = WatchedWorld(*many(2, Health.SEVERE))
        shop.before["beanstalk.health"] = raising(NotNow("Rate exceeded"))
        shop.watch.on_tick("1", NOW)
        failed, without = shop.alerts
        assert failed.text.endswith("More details could not be looked up: Rate exceeded")
        assert without.text.endswith("because the details for an earlier alert could not be looked up.")

    def test_ten_thousand_events_of_two_hundred_environments_lose_nothing_and_open_nothing_twice(self):
        shop = WatchedWorld(*many(200, Health.SEVERE))
        names = sorted(shop.beanstalk.described)
        changes = ["Ok to Warning", "Warning to Degraded", "Degraded to Severe"]
        for turn in range(50):
            for half in (names[:100], names[100:]):
                events = [
                    health_event(f"Environment health has transitioned from {changes[(turn + n) % 3]}.", NOW, name)
                    for n, name in enumerate(half)
                ]
                shop.receive(batch_of(events), NOW + seconds(31))
        opened = [alert.environment for alert in shop.alerts if alert.kind is Kind.INCIDENT_OPENED]
        assert sorted(filter(None, opened)) == names
        assert {shop.incident(name).worst_reported for name in names} == {Health.SEVERE}
        assert shop.calls.count("beanstalk.environments") == 100

    @pytest.mark.parametrize("file", ["update_started", "managed_update_started"])
    def test_the_start_of_an_update_asks_the_guard_before_anything_else_is_read(self, file):
        shop = world()
        shop.receive(EVENT_FILES[file])
        [request] = shop.guard.sent
        assert (request.environment, request.cause[:6]) == ("shop-staging", "event/")
        assert request.update_started_at is not None
        assert shop.calls[0] == "guard.send"

    def test_an_environment_whose_update_is_to_be_aborted_is_woken_by_each_tick(self):
        shop = world()
        shop.ledger.guarded_updates.write(guarded())
        assert shop.watch.on_tick("03:04", NOW).woken == ["shop-staging"]

    def test_an_unknown_environment_without_an_application_is_not_checked(self):
        shop = world()
        severe: Any = health_event(SEVERE_EVENT, NOW, "somebody-elses")
        severe["Records"][0]["body"] = severe["Records"][0]["body"].replace('"shop"', '""')
        shop.receive(severe)
        assert shop.alerts == []

    def test_an_event_that_cannot_be_reported_is_delivered_again_and_stops_no_other(self):
        shop = world()
        shop.before["ledger.alerts.report"] = once(raising(RuntimeError("no such table")))
        body = EVENT_FILES["managed_update_failed"]["Records"][0]["body"]
        events = events_of(body.replace("1234a678", "9999a678"), "shop-staging") + events_of(body, "shop-prod")
        assert shop.watch.on_events(events, NOW).failed == {events[0].id}
        assert [alert.environment for alert in shop.alerts] == ["shop-prod"]
