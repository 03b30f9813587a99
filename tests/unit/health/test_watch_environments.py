"""The function: every event file is processed, and messages that fail are delivered again."""

import importlib
from typing import Any

import pytest

from tests.unit.health.world import EVENT_FILES, WatchedWorld
from tests.unit.samples import queued
from tests.unit.world import raising
from wardrop.alerts.kinds import Kind
from wardrop.errors import NotNow

WAKE_NOTHING = ("another_environment_nobody_deploys_to", "no_json_malformed", "fields_without_values")


app: Any = importlib.import_module("functions.watch_environments.app")


@pytest.fixture
def shop() -> WatchedWorld:
    """With a queued deployment to each environment."""
    shop = WatchedWorld()
    shop.record(*(queued(f"d-{name}", environment=name) for name in ("shop-staging", "shop-prod")))
    return shop


def respond(shop: WatchedWorld, name: str) -> Any:
    return app.respond(EVENT_FILES[name], shop.watch, shop.dead_letters)


@pytest.mark.parametrize("name", [name for name in EVENT_FILES if not name.endswith("_ignored")])
def test_every_event_file_is_processed_and_malformed_messages_are_parked(shop, name):
    assert respond(shop, name) == {"batchItemFailures": []}
    assert len(shop.dead_letters.parked) == name.endswith("_malformed")
    assert bool(shop.woken) != (name in WAKE_NOTHING or name.startswith("alarm_"))


def test_a_batch_wakes_each_of_its_environments_once(shop):
    respond(shop, "batch_of_two_environments")
    assert [name for name, _ in shop.woken] == ["shop-prod", "shop-staging"]


def test_the_tick_names_its_minute(shop):
    respond(shop, "tick")
    assert {cause for _, cause in shop.woken} == {"tick/2026-01-02T03:04:00Z"}


def test_an_alarm_on_a_dead_letter_queue_is_reported(shop):
    respond(shop, "alarm_dead_letters")
    assert shop.alert_kinds == [Kind.DEAD_LETTERS]


@pytest.fixture
def throttled(shop: WatchedWorld) -> None:
    for call in ("beanstalk.environments", "beanstalk.all_environments"):
        shop.before[call] = raising(NotNow("Rate exceeded"))


@pytest.mark.usefixtures("throttled")
@pytest.mark.parametrize("name", ["tick", "update_successful"])
def test_after_throttling_the_next_tick_tries_again(shop, name):
    assert respond(shop, name) == {"batchItemFailures": []}
    assert shop.woken == []


@pytest.mark.usefixtures("throttled")
@pytest.mark.parametrize("name", ["health_severe", "managed_update_failed"])
def test_events_to_report_are_delivered_again_when_beanstalk_throttles(shop, name):
    [record] = EVENT_FILES[name]["Records"]
    assert respond(shop, name) == {"batchItemFailures": [{"itemIdentifier": record["messageId"]}]}
    assert shop.alerts == []


def test_any_other_error_is_raised_so_that_the_messages_are_delivered_again(shop):
    shop.before["mailbox.wake"] = raising(RuntimeError("2 wake-ups were not accepted"))
    with pytest.raises(RuntimeError):
        respond(shop, "update_successful")
