"""The times at which a deployment log is read, and its effect on the deployment, the alerts and the standing."""

import pytest

from tests.unit.deployments.world import DeploymentWorld
from tests.unit.samples import NOW, OLD, OUR_REQUEST, SETTLE, deploying, environment, rolling_back, situation, update
from wardrop.alerts.kinds import Kind
from wardrop.configuration.duration import Duration
from wardrop.configuration.rules import Diagnose, OnFailure, Rules
from wardrop.deployments.explain import log_of
from wardrop.deployments.state import State
from wardrop.deployments.steps import End, Recheck, RollBack, Unhealthy
from wardrop.environments.model import Health
from wardrop.evidence.explanation import Cause, Explanation
from wardrop.evidence.kinds import Kind as Causes
from wardrop.evidence.log_part import LogName

CAUSE = Cause(kind=Causes.PORT, quotes=["java.net.BindException: Address already in use", "at com.acme.A.b(A.java:1)"])
BAKES = Rules(bake=Duration(minutes=2), bad_for=Duration(seconds=90))


@pytest.fixture
def world() -> DeploymentWorld:
    world = DeploymentWorld()
    world.runs_the_old_version_well()
    world.evidence.cause = CAUSE
    return world


def deployed(world: DeploymentWorld, **differs) -> None:
    world.drop(**differs)
    world.look()


def alert(world: DeploymentWorld, kind: Kind):
    [found] = [one for one in world.alerts if one.kind is kind]
    return found


def test_a_version_that_is_rolled_back_is_explained_by_the_log_of_its_update(world):
    deployed(world)
    world.fail()
    step = world.look(after=60).step
    assert isinstance(step, RollBack)
    assert world.evidence.read == [LogName("e-1", OUR_REQUEST, NOW)]
    assert "the deployment log says that a port is in use" in step.reason
    [active] = world.active
    assert active.explanation.cause == CAUSE
    assert CAUSE.quotes[0] in active.reason
    assert CAUSE.quotes[0] in world.environment().standing.quarantined[0].because
    told = alert(world, Kind.DEPLOYMENT_ROLLING_BACK)
    assert told.log_lines == CAUSE.quotes
    assert told.log == f"s3://logs/{OUR_REQUEST}"


def test_the_log_is_read_once_and_its_cause_is_in_the_last_alert_too(world):
    deployed(world)
    world.fail()
    world.look(after=60)
    world.look(after=1)
    world.done(OLD)
    world.look(after=60)
    assert len(world.evidence.read) == 1
    ended = alert(world, Kind.DEPLOYMENT_ROLLED_BACK)
    assert ended.text.count(CAUSE.quotes[0]) == 1
    assert ended.log_lines == CAUSE.quotes


def test_a_failure_without_a_rollback_is_explained(world):
    deployed(world, rules=Rules(on_failure=OnFailure.HOLD))
    world.fail()
    step = world.look(after=60).step
    assert isinstance(step, End)
    assert CAUSE.quotes[0] in step.reason
    assert alert(world, Kind.DEPLOYMENT_FAILED).log_lines == CAUSE.quotes


def test_a_log_without_a_cause_is_named_as_the_place_to_look(world):
    world.evidence.cause = None
    deployed(world)
    world.fail()
    assert f"does not name the cause: s3://logs/{OUR_REQUEST}" in world.look(after=60).reason
    assert alert(world, Kind.DEPLOYMENT_ROLLING_BACK).log_lines == []


def test_diagnose_off_reads_no_log(world):
    deployed(world, rules=Rules(diagnose=Diagnose.OFF))
    world.fail()
    assert "log" not in world.look(after=60).reason
    assert world.evidence.read == []


def test_a_deployment_that_succeeds_reads_no_log(world):
    deployed(world)
    world.done()
    world.look(after=60)
    assert world.ended[0].state is State.SUCCEEDED
    assert world.evidence.read == []


def unhealthy(world: DeploymentWorld) -> None:
    deployed(world, rules=BAKES)
    world.done()
    world.look(after=60)
    world.beanstalk.described["shop-staging"] = environment(
        health=Health.SEVERE, version_label="shop-2.0", updated_at=world.now
    )


def test_a_version_that_becomes_unhealthy_while_it_bakes_is_explained_at_once_and_then_rolled_back_with_the_cause(
    world,
):
    unhealthy(world)
    assert isinstance(world.look(after=SETTLE.total_seconds()).step, Unhealthy)
    assert alert(world, Kind.DEPLOYMENT_UNHEALTHY).log_lines == CAUSE.quotes
    steps = [world.look(after=60).step for _ in range(2)]
    assert [type(step) for step in steps] == [Recheck, RollBack]
    assert len(world.evidence.read) == 1
    assert CAUSE.quotes[0] in steps[-1].reason


def test_a_version_that_becomes_unhealthy_without_a_cause_in_its_log_is_only_watched(world):
    world.evidence.cause = None
    unhealthy(world)
    assert isinstance(world.look(after=SETTLE.total_seconds()).step, Recheck)
    assert Kind.DEPLOYMENT_UNHEALTHY not in {one.kind for one in world.alerts}


def test_a_version_that_recovers_is_not_reported_with_a_cause(world):
    unhealthy(world)
    world.look(after=SETTLE.total_seconds())
    world.beanstalk.described["shop-staging"] = environment(version_label="shop-2.0", updated_at=world.now)
    for _ in range(4):
        world.look(after=60)
    assert alert(world, Kind.DEPLOYMENT_SUCCEEDED).log_lines == []


def test_the_log_is_read_after_the_step_is_decided_and_before_it_is_written(world):
    deployed(world)
    world.fail()
    world.look(after=60)
    calls = world.calls
    assert calls.index("beanstalk.events") < calls.index("evidence.explain") < calls.index("ledger.write")


def test_an_update_of_settings_that_fails_is_explained_by_its_own_log(world):
    world.beanstalk.options[("aws:elasticbeanstalk:command", "DeploymentPolicy")] = "AllAtOnce"
    world.beanstalk.options[("aws:elasticbeanstalk:environment", "EnvironmentType")] = "LoadBalanced"
    deployed(world)
    [active] = world.active
    assert active.state is State.PREPARING
    world.fail()
    assert CAUSE.quotes[0] in world.look(after=60).reason


def test_a_rollback_that_fails_is_explained_unless_the_version_was():
    end = End(State.ROLLBACK_FAILED, "it failed")
    assert log_of(situation(rolling_back()), end) == LogName("e-1", OUR_REQUEST, update().claimed_at)
    explained = rolling_back(explanation=Explanation(log="s3://logs/x"))
    assert log_of(situation(explained), end) is None


def test_a_failure_that_beanstalk_took_back_is_explained_and_a_rollback_that_succeeds_is_not():
    back = End(State.ROLLED_BACK, "it runs again")
    assert log_of(situation(deploying()), back) is not None
    assert log_of(situation(rolling_back()), back) is None
