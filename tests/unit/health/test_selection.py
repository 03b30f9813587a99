"""Which environments a tick or a batch of events checks, and whose settings a tick reads."""

import pytest

from tests.unit.samples import NOW, environment, seconds
from wardrop.environments.model import Health
from wardrop.environments.settings import VersionQuotaUse
from wardrop.health.selection import SETTINGS_CYCLE, Snapshot, is_fresh, settings_due


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


def test_a_cycle_reads_the_settings_of_each_environment_once():
    names = [f"shop-{number}" for number in range(50)]
    minutes = [settings_due(names, NOW + seconds(60 * minute)) for minute in range(SETTINGS_CYCLE)]
    assert sorted(name for due in minutes for name in due) == sorted(names)
    assert max(len(due) for due in minutes) < len(names) / 2


def test_the_count_of_versions_is_fresh_for_nine_minutes():
    room = VersionQuotaUse(at=NOW, used=1, quota=1000)
    assert is_fresh(room, NOW + seconds(539))
    assert not is_fresh(room, NOW + seconds(540))
