"""The good version that is deployed after a person's request for a rollback."""

from typing import Any

import pytest
from msgspec.structs import replace

from tests.unit.commands.samples import STAGING, accepted, caller, refused, snapshot, target
from tests.unit.samples import NEW, NOW, OLD, baking, deploying, environment, good, instance, queued, standing
from wardrop.alerts.kinds import Kind
from wardrop.commands.requests import Rollback
from wardrop.commands.rollback import rollback
from wardrop.commands.snapshot import EnvironmentSnapshot
from wardrop.configuration.rules import Rules
from wardrop.deployments import line
from wardrop.deployments.asked import Asked
from wardrop.deployments.standing import QuarantinedVersion

NEW_RUNS = environment(version_label=NEW)


def decide(seen: EnvironmentSnapshot, to: str | None = None, **differs: Any) -> Any:
    request = Rollback(environment=STAGING, to=to, because="errors")
    environment = seen.environment
    return rollback(request, caller(), seen, target(**({"environment": environment} | differs)))


def label(decision: Any) -> str:
    """The label of the version that is deployed."""
    [deployment] = accepted(decision).change.deployments
    return str(deployment.label)


def test_the_last_good_version_that_does_not_run_is_deployed_and_later_drops_are_held():
    fleet = (instance(1), instance(2))
    seen = snapshot(standing=standing(good(NEW), good(OLD)), environment=NEW_RUNS, instances=fleet)
    decision = accepted(decide(seen, rules=Rules(approval_required=True)))
    [deployment] = decision.change.deployments
    assert (deployment.label, deployment.asked.rollback, deployment.rules.approval_required) == (OLD, True, False)
    assert decision.change.standing.hold.because == "rolled back to shop-1.0: errors"
    assert [alert.kind for alert in decision.change.alerts] == [Kind.DEPLOYMENT_QUEUED, Kind.ENVIRONMENT_HELD]


def test_an_instance_that_has_just_been_launched_does_not_hide_the_running_version():
    launched = instance(3, None, None, deployment_id=0)
    for fleet in ([instance(1), instance(2), launched], [launched]):
        seen = snapshot(standing=standing(good(NEW), good(OLD)), environment=NEW_RUNS, instances=tuple(fleet))
        assert label(decide(seen)) == OLD


def test_a_mixed_fleet_is_rolled_back_to_the_last_good_version_even_if_part_of_it_runs_that():
    fleet = (instance(1, OLD), instance(2, NEW))
    assert label(decide(snapshot(standing=standing(good(OLD)), instances=fleet))) == OLD


def test_a_version_that_bakes_is_the_one_to_leave():
    assert label(decide(snapshot(baking(), standing=standing(good(OLD)), environment=NEW_RUNS))) == OLD


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        ([], "shop-staging has no good version other than shop-1.0 to roll back to; good versions: none"),
        ([good(OLD)], "has no good version other than shop-1.0 to roll back to; good versions: shop-1.0"),
    ],
)
def test_without_another_good_version_it_is_refused(known, reason):
    refused(decide(snapshot(standing=standing(*known))), reason)


def test_a_named_version_must_be_good():
    seen = snapshot(standing=standing(good(OLD)))
    refused(decide(seen, NEW), "shop-2.0 is not a good version of shop-staging on its present platform")


def test_a_quarantined_version_is_not_restored():
    bad = [QuarantinedVersion(label=NEW, at=NOW, because="it failed")]
    seen = snapshot(
        standing=standing(good(NEW), good(OLD), quarantined=bad), environment=environment(version_label="x")
    )
    refused(decide(seen, NEW), "shop-2.0 is quarantined: it failed; good versions: shop-1.0")
    assert label(decide(seen)) == OLD


def test_a_version_that_was_good_before_the_environment_was_rebuilt_or_that_beanstalk_lost_is_not_restored():
    rebuilt, lost = good("shop-1.8", environment_id="e-0"), good("shop-1.9")
    seen = snapshot(standing=standing(good(NEW), lost, rebuilt, good(OLD)), environment=NEW_RUNS)
    created_at = dict.fromkeys([NEW, OLD, "shop-1.8"], NOW)
    assert label(decide(seen, created_at=created_at)) == OLD


def test_during_a_rollback_a_second_one_must_name_its_version():
    """Otherwise, the second rollback would deploy the version that the first rollback replaced."""
    back = deploying(name="d-1", label=OLD, asked=Asked(by="joe", at=NOW, rollback=True))
    seen = snapshot(back, standing=standing(good(NEW), good(OLD)))
    refused(decide(seen), "shop-staging is already being rolled back to shop-1.0")
    assert label(decide(seen, NEW)) == NEW


def test_a_repeated_request_is_refused():
    waiting = queued(label=OLD, asked=Asked(by="joe", at=NOW, rollback=True))
    seen = snapshot(waiting, standing=standing(good(OLD)), environment=NEW_RUNS)
    refused(decide(seen), "shop-1.0 is already waiting for shop-staging")


def test_a_version_that_was_uploaded_before_the_rollback_and_is_promoted_later_waits_and_is_not_superseded():
    seen = snapshot(standing=standing(good(NEW), good(OLD)), environment=NEW_RUNS)
    change = accepted(decide(seen)).change
    [back] = change.deployments
    begun = replace(change.standing, newest=back.arrival)
    promoted = queued("d-2", "shop-3", minutes=-30)
    assert promoted.arrival[0] < back.asked.at
    assert line.superseded([promoted], begun) == []
    assert "shop-staging has been held since" in line.obstacle(promoted, begun, NOW).reason
