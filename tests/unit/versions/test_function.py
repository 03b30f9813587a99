"""The function CleanVersions: its action for each event."""

import importlib
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.samples import NOW, event_files
from tests.unit.versions.world import CleanUpWorld
from tests.unit.world import raising
from wardrop.errors import NotNow

FILES = event_files("clean_versions")
app: Any = importlib.import_module("functions.clean_versions.app")


@pytest.fixture
def world() -> CleanUpWorld:
    world = CleanUpWorld()
    world.make("old")
    return world


def respond(event: dict[str, Any], world: CleanUpWorld) -> Any:
    return app.respond(event, world.cleaner(), lambda: world.now, NOW + timedelta(minutes=14))


@pytest.mark.parametrize("name", [name for name in FILES if not name.endswith("_malformed")])
def test_every_event_file_starts_a_clean_up_or_a_dry_run_as_its_name_says(world, name):
    answer = respond(FILES[name], world)
    is_dry_run = name.startswith("dry_run")
    assert (world.beanstalk.deleted == []) is is_dry_run
    assert [decision["action"] for decision in answer["decisions"]] == ["delete"] if is_dry_run else answer is None


def test_an_event_with_an_unknown_field_fails(world):
    with pytest.raises(Exception, match="unknown field"):
        respond(FILES["unknown_field_malformed"], world)
    assert world.beanstalk.deleted == []


def test_a_throttled_clean_up_ends_without_an_error_and_the_next_tick_tries_again(world):
    world.before["beanstalk.version_quota"] = raising(NotNow("Rate exceeded"))
    assert respond({"tick": "x"}, world) is None
    assert world.ledger.clean_ups.read().running_until is None
