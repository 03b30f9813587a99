"""The reports of the instances of an environment."""

from tests.unit.samples import NEW, OLD, fleet, instance
from wardrop.environments.fleet import BASIC_HEALTH, NOT_READ, THROTTLED, own_causes
from wardrop.environments.model import Health

MIXED = fleet(instance(1, NEW), instance(2, OLD), instance(3, None, None, deployment_id=0), instance(4, NEW, "Failed"))


def test_a_fleet_that_was_not_read_differs_from_one_that_does_not_report():
    fleets = (NOT_READ, THROTTLED, BASIC_HEALTH, fleet())
    assert [known.has_basic_health for known in fleets] == [False, False, True, False]
    assert [known.is_reported for known in fleets] == [False, False, False, True]


def test_only_a_reported_fleet_has_a_size_of_its_own():
    assert [known.size(4) for known in (NOT_READ, THROTTLED, BASIC_HEALTH, fleet(), MIXED)] == [4, 4, 4, 0, 4]


def test_a_version_runs_on_all_instances_only_if_there_are_instances():
    assert not fleet().all_started_run(NEW)
    assert fleet(instance(1), instance(2)).all_started_run(NEW)
    assert not MIXED.all_started_run(NEW)
    assert MIXED.any_runs(NEW)


def test_an_instance_that_has_just_been_launched_reports_no_version_and_does_not_count():
    launched = instance(3, None, None, deployment_id=0)
    assert fleet(instance(1), instance(2), launched).all_started_run(NEW)
    assert not fleet(launched).all_started_run(NEW), "no instance shows the version"
    pending = instance(3, None, None, deployment_id=0, health=Health.PENDING)
    assert fleet(instance(1), pending).all_started_run(NEW)
    silent = instance(3, None, None, deployment_id=0, health=Health.NO_DATA)
    assert not fleet(instance(1), silent).all_started_run(NEW), "nobody knows what the instance runs"


def test_a_failure_counts_only_after_the_given_deployment():
    assert [failed.id for failed in MIXED.failed(NEW, 7)] == ["i-4"]
    assert MIXED.failed(NEW, 8) == [], "the instance failed in an earlier deployment"


def test_the_highest_deployment_id_of_no_instances_is_zero():
    assert (BASIC_HEALTH.deployment_id, MIXED.deployment_id) == (0, 8)


def test_the_description_counts_the_instances_by_version_the_given_one_first():
    assert MIXED.describe(NEW) == (
        f"; of 4 instances, 1 has {NEW}, 1 has {NEW} (failed), 1 has {OLD}, 1 has nothing yet"
    )
    assert BASIC_HEALTH.describe(NEW) == ""


def test_another_version_than_the_environment_has_is_not_a_cause_of_bad_health():
    causes = ('Incorrect application version "v2" (deployment 2).', "Application answers 500.")
    assert own_causes(instance(1, causes=causes)) == ["Application answers 500"]
