"""The environments that a tick or a batch of events checks, and those whose settings a tick reads."""

from typing import Any

import pytest

from tests.unit.samples import NOW, environment, seconds
from wardrop.environments.model import Environment, Health
from wardrop.environments.settings import SettingsReading
from wardrop.health.selection import MOST_READ, Snapshot, settings_due


@pytest.mark.parametrize(
    ("health", "status", "deploying", "is_checked"),
    [
        (Health.OK, "Ready", set(), False),
        (Health.NO_DATA, "Ready", set(), False),
        (Health.INFO, "Ready", set(), True),
        (Health.INFO, "Updating", set(), False),
        (Health.INFO, "Ready", {"shop-staging"}, False),
        (Health.WARNING, "Updating", {"shop-staging"}, True),
        (Health.SEVERE, "Ready", set(), True),
    ],
)
def test_an_environment_is_checked_if_its_health_may_be_bad(health, status, deploying, is_checked):
    shown = environment(health=health, status=status)
    assert bool(Snapshot({"shop-staging": shown}, deploying, NOW).to_check([])) == is_checked


def test_environments_with_events_or_an_open_incident_are_checked_too():
    shown = environment(health=Health.SEVERE)
    assert Snapshot({"shop-staging": shown}, set(), NOW).to_check(["shop-gone"]) == ["shop-gone", "shop-staging"]


def snapshot(*environments: Environment, minutes: float = 0) -> Snapshot:
    return Snapshot({one.name: one for one in environments}, set(), NOW + seconds(60 * minutes))


def reading(minutes_ago: float = 1, **differs: Any) -> SettingsReading:
    at, updated_at = NOW - seconds(60 * minutes_ago), environment().updated_at
    return SettingsReading(**({"at": at, "environment_updated_at": updated_at} | differs))


class TestSettings:
    def test_they_are_due_when_the_environment_was_updated_since_the_last_reading(self):
        updated = environment(updated_at=NOW)
        assert settings_due({"shop-staging": reading()}, snapshot(environment())) == []
        assert settings_due({"shop-staging": reading()}, snapshot(updated)) == ["shop-staging"]

    def test_they_are_due_if_they_were_never_read(self):
        assert settings_due({}, snapshot(environment())) == ["shop-staging"]

    @pytest.mark.parametrize("status", ["Launching", "Terminating"])
    def test_they_are_not_due_before_the_launch_is_over_or_after_the_end(self, status):
        assert settings_due({}, snapshot(environment(status=status))) == []

    def test_they_are_due_again_after_a_day_the_oldest_first_and_one_a_tick(self):
        names = [f"shop-{number}" for number in range(50)]
        readings = {name: reading(24 * 60 + number) for number, name in enumerate(names)}
        assert settings_due(readings, snapshot(*(environment(name=name) for name in names))) == ["shop-49"]
        assert settings_due({"shop-staging": reading(24 * 60)}, snapshot(environment())) == ["shop-staging"]
        assert settings_due({"shop-staging": reading(24 * 60 - 1)}, snapshot(environment())) == []

    def test_an_environment_that_is_being_updated_comes_first(self):
        others = [environment(name=f"shop-{number:02}") for number in range(50)]
        updating = environment(name="shop-99", status="Updating")
        assert settings_due({}, snapshot(*others, updating))[0] == "shop-99"

    def test_environments_whose_settings_cannot_be_read_do_not_keep_the_others_waiting(self):
        shown = [environment(name=f"shop-{number:02}") for number in range(50)]
        due = [set(settings_due({}, snapshot(*shown, minutes=minute))) for minute in range(60)]
        assert {len(names) for names in due} == {MOST_READ}
        assert set().union(*due) == {one.name for one in shown}
