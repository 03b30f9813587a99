"""Which environments are woken by a tick or by events, and how few calls that takes."""

import importlib
from typing import Any

import pytest

from tests.unit.fakes import Counted, FakeBeanstalk, FakeMailbox
from tests.unit.samples import NOW, environment, event_files, seconds
from wardrop.domain.preflight import Preflight, VersionRoom
from wardrop.errors import Malformed, NotNow
from wardrop.watch_environments import SPREAD, BeanstalkEvent, Detail, WatchEnvironments, read_event


class FakeLedger:
    def __init__(self, *active: str) -> None:
        self.names = set(active)
        self.kept: dict[str, Preflight | None] = {}

    def active(self) -> set[str]:
        return self.names

    def preflighted(self) -> set[str]:
        return set(self.kept)

    def keep_preflight(self, environment: str, found: Preflight) -> None:
        self.kept[environment] = found

    def keep_version_room(self, room: VersionRoom) -> None:
        self.room = room

    def version_room(self) -> VersionRoom | None:
        return getattr(self, "room", None)

    def forget_preflight(self, environment: str) -> None:
        del self.kept[environment]


class World:
    def __init__(self, *active: str) -> None:
        self.calls: list[str] = []
        self.mailbox = FakeMailbox()
        self.beanstalk = FakeBeanstalk(environment(), environment(name="shop-prod", id="e-2"))
        self.ledger = FakeLedger(*active)
        outside: list[Any] = [Counted(one, self.calls) for one in (self.beanstalk, self.ledger, self.mailbox)]
        self.watch = WatchEnvironments(*outside)

    @property
    def woken(self) -> list[tuple[str, str]]:
        return [(one.environment, one.cause) for one in self.mailbox.woken]


def event(name: str, cause: str = "1") -> BeanstalkEvent:
    return BeanstalkEvent(id=cause, detail_type="Health status change", detail=Detail(environment_name=name))


class TestTicks:
    def test_every_environment_with_an_active_deployment_is_woken_once_a_tick(self):
        world = World("shop-staging", "shop-prod")
        assert world.watch.on_tick("03:04", NOW) == ["shop-prod", "shop-staging"]
        assert world.woken == [("shop-prod", "tick/03:04"), ("shop-staging", "tick/03:04")]

    def test_one_describe_environments_serves_all_and_its_answer_goes_along(self):
        world = World("shop-staging", "shop-prod")
        world.watch.on_tick("03:04", NOW)
        assert world.calls == ["active", "preflighted", "environments", "wake"]
        assert [one.seen.id for one in world.mailbox.woken] == ["e-2", "e-1"]
        assert {one.seen_at for one in world.mailbox.woken} == {NOW}

    def test_with_nothing_active_beanstalk_is_not_asked(self):
        world = World()
        assert world.watch.on_tick("03:04", NOW) == []
        assert world.calls == ["active", "preflighted"]

    def test_an_environment_that_is_gone_is_woken_too_for_its_deployment_must_end(self):
        world = World("shop-gone")
        world.watch.on_tick("03:04", NOW)
        assert [one.seen for one in world.mailbox.woken] == [None]


class TestSettings:
    def test_each_environments_settings_are_read_once_in_nine_minutes_whoever_is_active(self):
        world = World()
        world.ledger.kept = {"shop-staging": None, "shop-prod": None}
        for minute in range(SPREAD):
            world.watch.on_tick(f"03:{minute:02}", NOW + seconds(60 * minute))
        assert world.calls.count("settings") == 2
        assert {found.policy for found in world.ledger.kept.values() if found} == {"Rolling"}
        assert all(world.ledger.kept.values())

    def test_the_room_for_versions_is_asked_for_once_in_nine_minutes_however_many_environments_there_are(self):
        world = World()
        world.ledger.kept = {"shop-staging": None, "shop-prod": None}
        for minute in range(2 * SPREAD):
            world.watch.on_tick(f"03:{minute:02}", NOW + seconds(60 * minute))
        assert world.calls.count("settings") == 4
        assert world.calls.count("version_quota") == world.calls.count("version_count") == 2
        assert {found.version_room.quota for found in world.ledger.kept.values() if found} == {1000}

    def test_those_of_an_environment_that_is_gone_are_forgotten(self):
        world = World()
        world.ledger.kept = {"shop-gone": None}
        for minute in range(SPREAD):
            world.watch.on_tick(f"03:{minute:02}", NOW + seconds(60 * minute))
        assert world.ledger.kept == {}


class TestEvents:
    def test_only_environments_with_active_deployments_are_woken(self):
        world = World("shop-staging")
        assert world.watch.on_events([event("shop-staging", "a"), event("shop-prod", "b")], NOW) == ["shop-staging"]
        assert world.woken == [("shop-staging", "event/a")]

    def test_many_events_of_one_environment_wake_it_once(self):
        world = World("shop-staging")
        world.watch.on_events([event("shop-staging", str(n)) for n in range(100)], NOW)
        assert world.woken == [("shop-staging", "event/99")]
        assert world.calls == ["active", "environments", "wake"]

    def test_an_event_that_concerns_nothing_active_costs_one_read(self):
        world = World()
        assert world.watch.on_events([event("shop-staging"), event("")], NOW) == []
        assert world.calls == ["active"]

    @pytest.mark.parametrize("body", ["", "null", "{}", '{"id": 1, "detail-type": "x", "detail": {}}', '{"id": "1"}'])
    def test_what_is_no_event_is_malformed(self, body):
        with pytest.raises(Malformed, match="not an event of Beanstalk"):
            read_event(body)


FILES = event_files("watch_environments")


class Context:
    function_name = aws_request_id = invoked_function_arn = "watch_environments"
    memory_limit_in_mb = 512


@pytest.fixture
def world() -> World:
    return World("shop-staging", "shop-prod")


@pytest.fixture
def app(monkeypatch, world):
    app = importlib.import_module("functions.watch_environments.app")
    app.parked = []

    class Parking:
        def park(self, message, error):
            app.parked.append((message.body, error.reason))

    monkeypatch.setattr(app, "watch_environments", lambda: world.watch)
    monkeypatch.setattr(app, "dead_letters", Parking)
    return app


class TestTheHandler:
    @pytest.mark.parametrize("name", [name for name in FILES if not name.endswith("_ignored")])
    def test_every_event_file_is_taken_and_what_is_malformed_is_parked(self, app, world, name):
        assert app.handler(FILES[name], Context()) == {"batchItemFailures": []}
        assert len(app.parked) == name.endswith("_malformed")
        wakes_nobody = name in ("another_environment_nobody_deploys_to", "no_json_malformed")
        assert bool(world.woken) != wakes_nobody

    def test_a_batch_wakes_each_of_its_environments_once(self, app, world):
        app.handler(FILES["batch_of_two_environments"], Context())
        assert [name for name, _ in world.woken] == ["shop-prod", "shop-staging"]

    def test_the_tick_names_its_minute(self, app, world):
        app.handler(FILES["tick"], Context())
        assert {cause for _, cause in world.woken} == {"tick/2026-01-02T03:04:00Z"}

    @pytest.mark.parametrize("name", ["tick", "update_successful"])
    def test_throttling_is_left_to_the_next_tick(self, app, world, monkeypatch, name):
        def throttled(_names: list[str]) -> None:
            raise NotNow("Rate exceeded")

        monkeypatch.setattr(world.beanstalk, "environments", throttled)
        assert app.handler(FILES[name], Context()) == {"batchItemFailures": []}
        assert world.woken == []

    def test_any_other_error_flies_so_that_the_messages_come_back(self, app, world, monkeypatch):
        def broken(_wake_ups: object) -> None:
            raise RuntimeError("2 wake-ups were not taken")

        monkeypatch.setattr(world.mailbox, "wake", broken)
        with pytest.raises(RuntimeError):
            app.handler(FILES["update_successful"], Context())
