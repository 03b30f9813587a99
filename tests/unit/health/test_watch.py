"""Which environments a tick or events wake, what is reported, and how few calls that takes."""

import importlib
import json
from datetime import UTC, datetime
from typing import Any
from zlib import crc32

import pytest

from tests.unit.samples import NOW, deploying, environment, event_files, queued, seconds
from tests.unit.told import World, health_event
from wardrop.alerts.kinds import Kind
from wardrop.environments.model import Health
from wardrop.errors import NotNow, Outdated
from wardrop.health.events import BeanstalkEvent, read_event
from wardrop.health.incident import Phase
from wardrop.health.selection import SETTINGS_CYCLE

FILES = event_files("watch_environments")


def world(*active: str) -> World:
    """With a deployment that waits in each of these."""
    made = World()
    made.ledger.deployments = [queued(f"d-{name}", environment=name) for name in active]
    return made


def event(name: str, cause: str = "1") -> BeanstalkEvent:
    body = {
        "id": cause,
        "detail-type": "Other resource status change",
        "detail": {"EnvironmentName": name, "Status": "Instance added"},
    }
    read = read_event(json.dumps(body))
    assert isinstance(read, BeanstalkEvent)
    return read


def due(names: list[str], minute: int) -> list[str]:
    """Those whose settings the tick of this minute reads."""
    return sorted(name for name in names if crc32(name.encode()) % SETTINGS_CYCLE == minute)


class TestTicks:
    def test_every_environment_with_an_active_deployment_is_woken_once_a_tick(self):
        shop = world("shop-staging", "shop-prod")
        assert shop.watch.on_tick("03:04", NOW).woken == ["shop-prod", "shop-staging"]
        assert shop.woken == [("shop-prod", "tick/03:04"), ("shop-staging", "tick/03:04")]

    def test_one_describe_environments_serves_all_and_its_answer_is_sent_with_the_wake_up(self):
        shop = world("shop-staging", "shop-prod")
        shop.watch.on_tick("03:04", NOW)
        assert shop.calls == ["carry_again", "watched", "all_environments", "wake"]
        assert [one.seen.id for one in shop.mailbox.woken if one.seen] == ["e-2", "e-1"]
        assert {one.seen_at for one in shop.mailbox.woken} == {NOW}

    def test_with_nothing_to_do_it_costs_two_queries_and_one_describe_environments(self):
        shop = world()
        assert shop.watch.on_tick("03:04", NOW).woken == []
        assert shop.calls == ["carry_again", "watched", "all_environments"]

    def test_an_environment_that_is_not_shown_is_woken_because_its_deployment_must_end(self):
        shop = world("shop-gone")
        shop.watch.on_tick("03:04", NOW)
        assert [one.seen for one in shop.mailbox.woken] == [None]

    def test_alerts_that_were_not_sent_in_time_are_sent_again_and_logged(self, caplog):
        shop = world()
        shop.ledger.stuck = ["shop-staging/1/incident_opened"]
        shop.watch.on_tick("03:04", NOW)
        assert "shop-staging/1/incident_opened" in caplog.text


class TestHealthOnATick:
    def test_bad_health_without_an_event_is_reported_once(self):
        shop = world()
        shop.show(health=Health.SEVERE)
        for minute in range(3):
            shop.watch.on_tick(f"{minute}", NOW + seconds(60 * minute))
        assert shop.kinds == [Kind.INCIDENT_OPENED]
        assert "Beanstalk sent no event about it" in shop.alerts[0].text

    def test_a_recovery_without_an_event_is_reported(self):
        shop = world()
        shop.show(health=Health.DEGRADED)
        shop.watch.on_tick("0", NOW)
        shop.show()
        shop.watch.on_tick("1", NOW + seconds(720))
        assert shop.kinds == [Kind.INCIDENT_OPENED, Kind.INCIDENT_RECOVERED]
        assert shop.alerts[1].lasted == 720

    def test_bad_health_that_was_reported_costs_one_more_read_and_no_write(self):
        shop = world()
        shop.show(health=Health.SEVERE)
        shop.watch.on_tick("0", NOW)
        shop.calls.clear()
        shop.watch.on_tick("1", NOW + seconds(59))
        assert shop.calls == ["carry_again", "watched", "all_environments", "of"]

    def test_the_configuration_is_read_once_a_minute_however_many_environments_are_bad(self):
        shop = World(*(environment(name=f"shop-{n:04}", id=f"e-{n}", health=Health.SEVERE) for n in range(30)))
        for second in (0, 30):
            shop.watch.on_tick(f"{second}", NOW + seconds(second))
        assert shop.calls.count("configuration") == 1
        assert len(shop.alerts) == 30

    def test_health_that_is_milder_than_configured_is_not_reported(self):
        shop = world()
        shop.parameters.documents["shop"] = "environments: [{name: shop-staging, alert_from: Degraded}]"
        shop.show(health=Health.WARNING)
        shop.watch.on_tick("0", NOW)
        assert shop.alerts == []
        shop.show(health=Health.DEGRADED)
        shop.watch.on_tick("1", NOW + seconds(60))
        assert shop.kinds == [Kind.INCIDENT_OPENED]

    def test_our_own_deployment_is_read_only_if_health_is_bad(self):
        shop = world()
        shop.ledger.deployments = [deploying()]
        shop.show(status="Updating", health=Health.INFO)
        shop.watch.on_tick("0", NOW)
        assert "now" not in shop.calls
        shop.show(status="Updating", health=Health.WARNING)
        shop.watch.on_tick("1", NOW + seconds(60))
        assert shop.calls.count("now") == 1
        assert shop.alerts == []
        shop.watch.on_tick("4", NOW + seconds(60 + 180))
        assert shop.kinds == [Kind.INCIDENT_OPENED]
        assert "deployment of shop-2.0 is in progress" in shop.alerts[0].text

    def test_an_error_of_one_environment_does_not_stop_the_others_and_fails_the_tick(self, monkeypatch):
        shop = World(environment(health=Health.SEVERE), environment(name="shop-prod", id="e-2", health=Health.SEVERE))
        change = shop.incidents.change

        def refusing(incident: Any, alerts: Any) -> None:
            if incident.environment == "shop-prod":
                raise RuntimeError("no such table")
            change(incident, alerts)

        monkeypatch.setattr(shop.incidents, "change", refusing)
        with pytest.raises(ExceptionGroup) as raised:
            shop.watch.on_tick("0", NOW)
        assert [str(error) for error in raised.value.exceptions] == ["no such table"]
        assert [alert.environment for alert in shop.alerts] == ["shop-staging"]


class TestConcurrentChanges:
    def outdated(self, shop: World, times: int, monkeypatch: pytest.MonkeyPatch) -> None:
        """Another invocation changes the incident first, so many times."""
        change = shop.incidents.change

        def overtaken(incident: Any, alerts: Any) -> None:
            nonlocal times
            if times:
                times -= 1
                raise Outdated("the ledger has changed meanwhile")
            change(incident, alerts)

        monkeypatch.setattr(shop.incidents, "change", overtaken)

    def test_a_check_is_repeated_with_the_changed_incident(self, monkeypatch):
        shop = world()
        self.outdated(shop, 2, monkeypatch)
        shop.hear(FILES["health_severe"])
        assert shop.kinds == [Kind.INCIDENT_OPENED]
        assert shop.calls.count("of") == 3

    def test_after_three_attempts_events_are_delivered_again_and_a_tick_leaves_it_to_the_next(self, monkeypatch):
        shop = world()
        self.outdated(shop, 6, monkeypatch)
        read = read_event(FILES["health_severe"]["Records"][0]["body"])
        assert isinstance(read, BeanstalkEvent)
        assert shop.watch.on_events([read], NOW).failed == {read.id}
        shop.show(health=Health.SEVERE)
        shop.watch.on_tick("1", NOW + seconds(60))
        assert shop.alerts == []
        shop.watch.on_tick("2", NOW + seconds(120))
        assert shop.kinds == [Kind.INCIDENT_OPENED]


class TestSettings:
    def test_the_settings_of_each_environment_are_read_once_in_nine_minutes(self):
        shop = world()
        shop.ledger.preflights = {"shop-staging": None, "shop-prod": None}
        for minute in range(SETTINGS_CYCLE):
            shop.watch.on_tick(f"03:{minute:02}", NOW + seconds(60 * minute))
        assert shop.calls.count("settings") == 2
        assert {settings.policy for settings in shop.ledger.preflights.values() if settings} == {"Rolling"}
        assert all(shop.ledger.preflights.values())

    def test_application_versions_are_counted_once_in_nine_minutes_for_all_environments(self):
        shop = world()
        shop.ledger.preflights = {"shop-staging": None, "shop-prod": None}
        for minute in range(2 * SETTINGS_CYCLE):
            shop.watch.on_tick(f"03:{minute:02}", NOW + seconds(60 * minute))
        assert shop.calls.count("settings") == 4
        assert shop.calls.count("version_quota") == shop.calls.count("version_count") == 2
        assert {settings.version_quota_use.quota for settings in shop.ledger.preflights.values() if settings} == {1000}

    def test_an_error_of_one_environment_does_not_stop_the_others_and_fails_the_tick(self, monkeypatch):
        names = [f"shop-{number}" for number in range(2 * SETTINGS_CYCLE)]
        shop = World(*(environment(name=name, id=name) for name in names))
        shop.ledger.preflights = dict.fromkeys(names)
        settings, asked = shop.beanstalk.settings, list[str]()

        def refusing(application: str, name: str) -> dict[tuple[str, str], str]:
            asked.append(name)
            if len(asked) == 1:
                raise RuntimeError("no such right")
            return settings(application, name)

        monkeypatch.setattr(shop.beanstalk, "settings", refusing)
        minute = next(minute for minute in range(SETTINGS_CYCLE) if len(due(names, minute)) > 1)
        with pytest.raises(ExceptionGroup, match="settings") as raised:
            shop.watch.on_tick("0", datetime.fromtimestamp(60 * minute, UTC))
        assert [str(error) for error in raised.value.exceptions] == ["no such right"]
        assert asked == due(names, minute)
        assert {name for name, settings in shop.ledger.preflights.items() if settings} == set(asked[1:])

    def test_the_settings_of_an_environment_that_is_not_shown_are_deleted(self):
        shop = world()
        shop.ledger.preflights = {"shop-gone": None}
        for minute in range(SETTINGS_CYCLE):
            shop.watch.on_tick(f"03:{minute:02}", NOW + seconds(60 * minute))
        assert shop.ledger.preflights == {}


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
        assert shop.calls == ["watched", "environments", "wake"]

    def test_an_event_that_is_not_reported_and_wakes_nothing_costs_one_read(self):
        shop = world()
        assert shop.watch.on_events([event("shop-staging"), event("")], NOW).woken == []
        assert shop.calls == ["watched"]

    def test_a_batch_about_many_environments_costs_one_describe_environments_and_one_read_of_incidents(self):
        shop = World(*(environment(name=f"shop-{n:04}", id=f"e-{n}") for n in range(100)))
        batch = [
            health_event("Environment health has transitioned from Ok to Severe.", NOW, f"shop-{n:04}", str(n))
            for n in range(100)
        ]
        shop.hear({"Records": [record for one in batch for record in one["Records"]]})
        assert len(shop.alerts) == 100
        assert [shop.calls.count(name) for name in ("environments", "of", "configuration")] == [1, 1, 1]
        assert shop.calls.count("health") == 10
        assert sum("many incidents are reported at the same time" in alert.text for alert in shop.alerts) == 90

    def test_ten_thousand_events_of_two_hundred_environments_lose_nothing_and_open_nothing_twice(self):
        names = [f"shop-{number:04}" for number in range(200)]
        shop = World(*(environment(name=name, id=f"e-{name}", health=Health.SEVERE) for name in names))
        changes = ["Ok to Warning", "Warning to Degraded", "Degraded to Severe"]
        batches = [
            [
                health_event(f"Environment health has transitioned from {changes[(turn + n) % 3]}.", NOW, name)
                for n, name in enumerate(names[half : half + 100])
            ]
            for turn in range(50)
            for half in (0, 100)
        ]
        for batch in batches:
            shop.hear({"Records": [record for one in batch for record in one["Records"]]}, NOW + seconds(31))
        opened = [alert.environment for alert in shop.alerts if alert.kind is Kind.INCIDENT_OPENED]
        assert sorted(filter(None, opened)) == names
        assert {incident.worst_reported for incident in shop.ledger.incidents.values()} == {Health.SEVERE}
        assert shop.calls.count("environments") == len(batches)

    def test_an_unknown_environment_without_an_application_is_not_checked(self):
        shop = world()
        event = health_event("Environment health has transitioned from Ok to Severe.", NOW, "somebody-elses")
        event["Records"][0]["body"] = event["Records"][0]["body"].replace('"shop"', '""')
        shop.hear(event)
        assert shop.alerts == []

    def test_an_event_that_cannot_be_reported_is_delivered_again_and_stops_no_other(self, monkeypatch):
        shop = world()
        tell = shop.ledger.tell

        def refusing(alert: Any) -> bool:
            if alert.environment == "shop-staging":
                raise RuntimeError("no such table")
            return tell(alert)

        monkeypatch.setattr(shop.ledger, "tell", refusing)
        read = [
            read_event(FILES["managed_update_failed"]["Records"][0]["body"].replace("shop-staging", name))
            for name in ("shop-staging", "shop-prod")
        ]
        failed = shop.watch.on_events([event for event in read if isinstance(event, BeanstalkEvent)], NOW).failed
        assert failed == {read[0].id}
        assert [alert.environment for alert in shop.alerts] == ["shop-prod"]


class Context:
    function_name = aws_request_id = invoked_function_arn = "watch_environments"
    memory_limit_in_mb = 512


@pytest.fixture
def shop() -> World:
    return world("shop-staging", "shop-prod")


@pytest.fixture
def app(monkeypatch, shop):
    app = importlib.import_module("functions.watch_environments.app")
    app.parked = []

    class Parking:
        def park(self, message, error):
            app.parked.append((message.body, error.reason))

    monkeypatch.setattr(app, "watch_environments", lambda: shop.watch)
    monkeypatch.setattr(app, "dead_letters", Parking)
    return app


WAKE_NOTHING = ("another_environment_nobody_deploys_to", "no_json_malformed", "fields_without_values")


class TestTheHandler:
    @pytest.mark.parametrize("name", [name for name in FILES if not name.endswith("_ignored")])
    def test_every_event_file_is_processed_and_malformed_messages_are_parked(self, app, shop, name):
        assert app.handler(FILES[name], Context()) == {"batchItemFailures": []}
        assert len(app.parked) == name.endswith("_malformed")
        assert bool(shop.woken) != (name in WAKE_NOTHING or name.startswith("alarm_"))

    def test_a_batch_wakes_each_of_its_environments_once(self, app, shop):
        app.handler(FILES["batch_of_two_environments"], Context())
        assert [name for name, _ in shop.woken] == ["shop-prod", "shop-staging"]

    def test_the_tick_names_its_minute(self, app, shop):
        app.handler(FILES["tick"], Context())
        assert {cause for _, cause in shop.woken} == {"tick/2026-01-02T03:04:00Z"}

    def test_an_alarm_on_a_dead_letter_queue_is_reported(self, app, shop):
        app.handler(FILES["alarm_dead_letters"], Context())
        assert shop.kinds == [Kind.DEAD_LETTERS]

    @pytest.fixture
    def throttled(self, shop, monkeypatch):
        def throttled(_names: object = None) -> None:
            raise NotNow("Rate exceeded")

        monkeypatch.setattr(shop.beanstalk, "environments", throttled)
        monkeypatch.setattr(shop.beanstalk, "all_environments", throttled)

    @pytest.mark.usefixtures("throttled")
    @pytest.mark.parametrize("name", ["tick", "update_successful"])
    def test_after_throttling_the_next_tick_tries_again(self, app, shop, name):
        assert app.handler(FILES[name], Context()) == {"batchItemFailures": []}
        assert shop.woken == []

    @pytest.mark.usefixtures("throttled")
    @pytest.mark.parametrize("name", ["health_severe", "managed_update_failed"])
    def test_events_to_report_are_delivered_again_when_beanstalk_throttles(self, app, shop, name):
        [record] = FILES[name]["Records"]
        assert app.handler(FILES[name], Context()) == {"batchItemFailures": [{"itemIdentifier": record["messageId"]}]}
        assert shop.alerts == []

    def test_any_other_error_is_raised_so_that_the_messages_are_delivered_again(self, app, shop, monkeypatch):
        def broken(_wake_ups: object) -> None:
            raise RuntimeError("2 wake-ups were not taken")

        monkeypatch.setattr(shop.mailbox, "wake", broken)
        with pytest.raises(RuntimeError):
            app.handler(FILES["update_successful"], Context())


def test_an_open_incident_is_checked_even_if_no_bad_health_is_shown():
    shop = world()
    shop.show(health=Health.SEVERE)
    shop.watch.on_tick("0", NOW)
    shop.beanstalk.shown = {}
    for minute in range(1, 18):
        shop.watch.on_tick(f"{minute}", NOW + seconds(60 * minute))
    assert shop.kinds == [Kind.INCIDENT_OPENED, Kind.INCIDENT_RECOVERED]
    assert "has not shown the environment for 15 min" in shop.alerts[1].text
    assert shop.ledger.incidents["shop-staging"].phase is Phase.CLOSED
