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


class Context:
    function_name = aws_request_id = invoked_function_arn = "watch_environments"
    memory_limit_in_mb = 512


@pytest.fixture
def shop() -> WatchedWorld:
    """With a queued deployment to each environment."""
    shop = WatchedWorld()
    shop.record(*(queued(f"d-{name}", environment=name) for name in ("shop-staging", "shop-prod")))
    return shop


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch, shop: WatchedWorld) -> Any:
    app: Any = importlib.import_module("functions.watch_environments.app")
    app.parked = []

    class Parking:
        def park(self, message: Any, error: Any) -> None:
            app.parked.append((message.body, error.reason))

    monkeypatch.setattr(app, "watch_environments", lambda: shop.watch)
    monkeypatch.setattr(app, "dead_letters", Parking)
    return app


@pytest.mark.parametrize("name", [name for name in EVENT_FILES if not name.endswith("_ignored")])
def test_every_event_file_is_processed_and_malformed_messages_are_parked(app, shop, name):
    assert app.handler(EVENT_FILES[name], Context()) == {"batchItemFailures": []}
    assert len(app.parked) == name.endswith("_malformed")
    assert bool(shop.woken) != (name in WAKE_NOTHING or name.startswith("alarm_"))


def test_a_batch_wakes_each_of_its_environments_once(app, shop):
    app.handler(EVENT_FILES["batch_of_two_environments"], Context())
    assert [name for name, _ in shop.woken] == ["shop-prod", "shop-staging"]


def test_the_tick_names_its_minute(app, shop):
    app.handler(EVENT_FILES["tick"], Context())
    assert {cause for _, cause in shop.woken} == {"tick/2026-01-02T03:04:00Z"}


def test_an_alarm_on_a_dead_letter_queue_is_reported(app, shop):
    app.handler(EVENT_FILES["alarm_dead_letters"], Context())
    assert shop.alert_kinds == [Kind.DEAD_LETTERS]


@pytest.fixture
def throttled(shop: WatchedWorld) -> None:
    for call in ("beanstalk.environments", "beanstalk.all_environments"):
        shop.before[call] = raising(NotNow("Rate exceeded"))


@pytest.mark.usefixtures("throttled")
@pytest.mark.parametrize("name", ["tick", "update_successful"])
def test_after_throttling_the_next_tick_tries_again(app, shop, name):
    assert app.handler(EVENT_FILES[name], Context()) == {"batchItemFailures": []}
    assert shop.woken == []


@pytest.mark.usefixtures("throttled")
@pytest.mark.parametrize("name", ["health_severe", "managed_update_failed"])
def test_events_to_report_are_delivered_again_when_beanstalk_throttles(app, shop, name):
    [record] = EVENT_FILES[name]["Records"]
    assert app.handler(EVENT_FILES[name], Context()) == {"batchItemFailures": [{"itemIdentifier": record["messageId"]}]}
    assert shop.alerts == []


def test_any_other_error_is_raised_so_that_the_messages_are_delivered_again(app, shop):
    shop.before["mailbox.wake"] = raising(RuntimeError("2 wake-ups were not accepted"))
    with pytest.raises(RuntimeError):
        app.handler(EVENT_FILES["update_successful"], Context())
