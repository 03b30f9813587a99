"""Bad health that a rollout of Wardrop explains is no incident. Whatever the rollout does not explain is one."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.samples import (
    NEW,
    NOW,
    OLD,
    deploying,
    deployment_settings,
    environment,
    instance,
    seconds,
    update,
)
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.history import Moment
from wardrop.deployments.state import State
from wardrop.environments.fleet import BASIC_HEALTH, THROTTLED, reported
from wardrop.environments.model import Environment, Health, Instance
from wardrop.health.evidence import HealthCheck
from wardrop.health.incident import Incident
from wardrop.health.rollout import Explains, Rollout, rollout_of
from wardrop.structs import replace

MINUTE = timedelta(minutes=1)
UPDATING = environment(status="Updating", health=Health.SEVERE)
ENDED = environment(health=Health.SEVERE, updated_at=NOW)


def rollout(policy: str = "Rolling", batch: str = "1", shown: Environment = UPDATING, **differs: Any) -> Rollout:
    """A rollout that was claimed five minutes ago."""
    settings = deployment_settings(policy=policy, batch=batch)
    made = rollout_of(deploying(**({"settings": settings} | differs)), shown)
    assert made is not None
    return made


def old(number: int = 1, health: Health = Health.OK, **differs: Any) -> Instance:
    return instance(number, OLD, health=health, **differs)


def new(number: int = 1, health: Health = Health.OK, since: float = 0, **differs: Any) -> Instance:
    """An instance that deployed the new version this number of seconds ago."""
    return instance(number, NEW, health=health, deployed_at=NOW - seconds(since), **differs)


def in_progress(number: int = 1) -> Instance:
    return new(number, Health.SEVERE, 600, status="In Progress")


def explains(*instances: Instance, at: timedelta = timedelta(), **differs: Any) -> Explains:
    return rollout(**differs).explains(reported(instances), NOW + at)


class TestInstances:
    def test_an_instance_that_runs_the_command_explains_bad_health(self):
        assert explains(in_progress(), old(2)) is Explains.YES

    def test_a_warning_is_bad_health_too(self):
        assert explains(new(1, Health.WARNING, 180), old(2)) is Explains.NO
        assert explains(new(1, Health.INFO, 180), old(2)) is Explains.YES

    def test_an_instance_that_has_just_started_explains_bad_health(self):
        assert explains(instance(1, None, None, deployment_id=0), old(2), policy="Immutable") is Explains.YES

    @pytest.mark.parametrize(("since", "answer"), [(179, Explains.YES), (180, Explains.NO)])
    def test_an_instance_may_be_bad_until_bad_for_after_its_deployment(self, since, answer):
        assert explains(new(1, Health.SEVERE, since), old(2)) is answer

    def test_an_instance_without_a_time_of_its_deployment_is_an_incident(self):
        assert explains(instance(1, NEW, health=Health.SEVERE), old(2)) is Explains.NO

    def test_an_instance_on_which_the_version_failed_is_an_incident(self):
        assert explains(new(1, Health.OK, status="Failed"), old(2)) is Explains.NO

    def test_an_instance_on_which_an_earlier_version_failed_waits_for_its_batch(self):
        assert explains(old(1, Health.DEGRADED, status="Failed"), old(2)) is Explains.YES

    def test_another_version_is_explained_by_every_rollout(self):
        wrong = 'Incorrect application version "shop-1.0" (deployment 7). Expected version "shop-2.0" (deployment 8).'
        assert explains(new(1), old(2, Health.DEGRADED, causes=(wrong,)), policy="Immutable") is Explains.YES
        both = (wrong, "100.0 % of the requests are erroring with HTTP 5xx.")
        assert explains(new(1), old(2, Health.SEVERE, causes=both), policy="Immutable") is Explains.NO


class TestBatches:
    """Old instances that are bad may be out of the load balancer, but not more of them than a batch has."""

    @pytest.mark.parametrize(
        ("policy", "batch", "may_be_bad"),
        [
            ("Rolling", "1", 1),
            ("Rolling", "30%", 2),
            ("RollingWithAdditionalBatch", "2", 2),
            ("AllAtOnce", "1", 4),
            ("Immutable", "100%", 0),
            ("TrafficSplitting", "100%", 0),
        ],
    )
    def test_no_more_than_the_batch_may_be_bad(self, policy, batch, may_be_bad):
        for bad in range(5):
            fleet = [old(number, Health.SEVERE if number < bad else Health.OK) for number in range(4)]
            expected = Explains.YES if bad <= may_be_bad else Explains.NO
            assert explains(*fleet, policy=policy, batch=batch) is expected, bad

    @pytest.mark.parametrize(
        ("cause", "answer"),
        [
            ("ELB health is failing or not available.", Explains.YES),
            ("Instance ELB health has not been available for 37 minutes.", Explains.YES),
            ("100.0 % of the requests to the ELB are failing with HTTP 5xx.", Explains.NO),
            ("91 % of CPU is in use.", Explains.NO),
        ],
    )
    def test_an_old_instance_whose_requests_fail_does_not_just_wait_for_the_command(self, cause, answer):
        assert explains(old(1, Health.SEVERE, causes=(cause,)), old(2)) is answer

    def test_instances_that_run_the_command_belong_to_the_batch(self):
        assert explains(in_progress(1), old(2, Health.SEVERE), old(3), batch="1") is Explains.NO
        assert explains(in_progress(1), old(2, Health.SEVERE), old(3), batch="2") is Explains.YES

    def test_without_settings_no_old_instance_may_be_bad(self):
        assert explains(old(1, Health.SEVERE), old(2), settings=None) is Explains.NO

    def test_after_the_update_no_old_instance_may_be_bad(self):
        assert explains(old(1, Health.SEVERE), new(2), shown=ENDED) is Explains.NO


class TestTime:
    def test_health_may_be_low_for_bad_for_after_the_update(self):
        assert explains(new(), shown=ENDED, at=timedelta(seconds=179)) is Explains.YES
        assert explains(new(), shown=ENDED, at=timedelta(seconds=180)) is Explains.NO

    def test_a_rollout_in_progress_has_no_limit_because_beanstalk_limits_it(self):
        assert explains(in_progress(), at=timedelta(hours=1)) is Explains.YES

    def test_health_before_the_claim_is_not_explained(self):
        assert not rollout().covers(NOW - 5 * MINUTE - seconds(31))
        assert rollout().covers(NOW - 5 * MINUTE - seconds(30))

    def test_an_environment_that_was_not_updated_since_the_claim_is_covered_from_the_claim_on(self):
        stale = rollout(shown=environment(health=Health.SEVERE))
        assert stale.ended == NOW - 5 * MINUTE
        assert not stale.covers(NOW)

    def test_an_ended_deployment_covers_the_time_after_its_last_update(self):
        history = [
            Moment(NOW - 5 * MINUTE, State.DEPLOYING, ""),
            Moment(NOW - 2 * MINUTE, State.BAKING, ""),
            Moment(NOW - MINUTE, State.SUCCEEDED, ""),
        ]
        ended = rollout(state=State.SUCCEEDED, history=history)
        assert ended.ended == NOW - 2 * MINUTE
        assert ended.covers(NOW)
        assert not ended.covers(NOW + MINUTE)

    def test_a_deployment_without_a_bake_time_ends_with_its_update(self):
        history = [Moment(NOW - 5 * MINUTE, State.DEPLOYING, ""), Moment(NOW - MINUTE, State.SUCCEEDED, "")]
        assert rollout(state=State.SUCCEEDED, history=history).ended == NOW - MINUTE

    def test_a_history_that_no_longer_contains_the_update_begins_after_it(self):
        ended = rollout(state=State.SUCCEEDED, history=[Moment(NOW - MINUTE, State.SUCCEEDED, "")])
        assert ended.ended == NOW - MINUTE


class TestPostponed:
    @pytest.mark.parametrize(("ago", "is_postponed"), [(179, True), (180, False)])
    def test_health_that_nobody_can_explain_after_the_end_of_a_deployment_is_reported_after_bad_for(
        self, ago, is_postponed
    ):
        check = HealthCheck(
            "shop-staging",
            "shop",
            NOW,
            Health.WARNING,
            ENDED,
            rollout=rollout(shown=ENDED),
            explains=Explains.CANNOT_TELL,
        )
        opened = NOW - seconds(ago)
        incident = Incident(
            id="x",
            application="shop",
            environment="shop-staging",
            opened_at=opened,
            health=Health.SEVERE,
            as_of=opened,
            bad_since=opened,
        )
        assert check.postpones(incident, NOW) is is_postponed


class TestIgnorance:
    @pytest.mark.parametrize("fleet", [THROTTLED, BASIC_HEALTH, reported(())])
    def test_without_reports_of_instances_nobody_can_tell(self, fleet):
        assert rollout().explains(fleet, NOW) is Explains.CANNOT_TELL


@pytest.mark.parametrize(
    "state", [State.QUEUED, State.PREPARING, State.FAILED, State.ROLLBACK_FAILED, State.SUPERSEDED, State.CANCELLED]
)
def test_a_deployment_that_has_not_updated_the_version_or_has_failed_explains_nothing(state):
    assert rollout_of(deploying(state=state), UPDATING) is None
    assert rollout_of(deploying(update=None), UPDATING) is None


healths = st.sampled_from([Health.OK, Health.INFO, Health.WARNING, Health.DEGRADED, Health.SEVERE, Health.PENDING])
instances = st.builds(
    lambda number, label, health, since, status: instance(
        number, label, status, health=health, deployed_at=NOW - seconds(since)
    ),
    st.integers(1, 9),
    st.sampled_from([OLD, NEW]),
    healths,
    st.integers(0, 900),
    st.sampled_from(["Deployed", "Failed", "In Progress"]),
)


@given(st.lists(instances, min_size=1, max_size=6), st.sampled_from(["Rolling", "AllAtOnce", "Immutable"]))
def test_a_failed_command_of_the_update_is_never_explained(fleet, policy):
    """The reports of the other instances do not matter."""
    failed = new(99, Health.OK, 1, status="Failed")
    assert explains(*fleet, failed, policy=policy) is Explains.NO


@given(st.lists(instances, min_size=1, max_size=6), st.integers(0, 5))
def test_an_instance_that_becomes_bad_never_turns_an_incident_into_an_explained_dip(fleet, number):
    worse = list(fleet)
    at = number % len(fleet)
    worse[at] = replace(worse[at], health=Health.SEVERE)
    better = list(fleet)
    better[at] = replace(better[at], health=Health.OK)
    if explains(*worse) is Explains.YES:
        assert explains(*better) is Explains.YES


def test_the_update_of_a_rollback_is_a_rollout_of_its_own():
    deployment: Deployment = deploying(state=State.ROLLING_BACK, update=update(deployment_id=8))
    made = rollout_of(replace(deployment, settings=deployment_settings(policy="Rolling", batch="1")), UPDATING)
    assert made is not None
    assert made.explains(reported((new(1, Health.SEVERE, 600), new(2))), NOW) is Explains.YES
    assert made.explains(reported((new(1, Health.SEVERE, 600), new(2, Health.SEVERE))), NOW) is Explains.NO
