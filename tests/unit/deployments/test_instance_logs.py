"""The requests for the logs of instances, and the cause that is added to a failed deployment."""

import pytest

from tests.unit.deployments.world import NAME, DeploymentWorld
from tests.unit.samples import NEW, OLD, SETTLE, instance
from tests.unit.world import Crash, once, raising
from wardrop.alerts.kinds import Kind
from wardrop.configuration.duration import Duration
from wardrop.configuration.rules import Diagnose, OnFailure, Rules
from wardrop.deployments.state import State
from wardrop.deployments.steps import RollBack
from wardrop.environments.model import Health
from wardrop.evidence.explanation import Cause
from wardrop.evidence.kinds import Kind as Causes
from wardrop.evidence.log_request import InstanceLog, patience

LIMITS = patience(SETTLE)
SILENT = "2099-01-01 00:00:00,000 [INFO] nothing"
FAILURE = 'Exception in thread "main" java.lang.IllegalStateException: tenant list is empty'
SENTENCE = "the log of an instance says that the application threw an exception"


@pytest.fixture
def world() -> DeploymentWorld:
    world = DeploymentWorld()
    world.runs_the_old_version_well()
    return world


def fails(world: DeploymentWorld, **differs) -> None:
    world.drop(**differs)
    world.look()
    world.fail()
    world.look(after=60)


def arrives(world: DeploymentWorld, text: str, instance: str = "i-1") -> None:
    content = (
        f"{world.now:%Y-%m-%d %H:%M:%S},123 [main] ERROR Boot - startup failed\n{text}\n\tat com.acme.A.b(A.java:1)"
    )
    world.instance_logs.arrived[InstanceLog(instance, instance, world.now)] = content.encode()


def kinds(world: DeploymentWorld) -> list[Kind]:
    return [alert.kind for alert in world.alerts]


def test_the_logs_are_requested_when_the_deployment_log_names_no_cause_and_the_rollback_goes_on(world):
    fails(world)
    assert world.instance_logs.requested == ["e-1"]
    [active] = world.active
    assert active.state is State.ROLLING_BACK
    assert "Wardrop has requested the logs of the instances" in active.reason
    world.look(after=1)
    assert "beanstalk.update" in world.calls


def test_the_logs_are_not_requested_when_the_deployment_log_names_the_cause(world):
    world.evidence.cause = Cause(kind=Causes.PORT, quotes=["in use"])
    fails(world)
    assert world.instance_logs.requested == []


def test_the_logs_are_not_requested_when_diagnose_is_off(world):
    fails(world, rules=Rules(diagnose=Diagnose.OFF))
    assert world.instance_logs.requested == []


def test_the_cause_is_added_to_the_active_deployment_and_reported_in_a_reply(world):
    fails(world)
    arrives(world, FAILURE)
    world.look(after=20)
    [active] = world.active
    assert SENTENCE in active.reason
    assert "requested the logs" not in f"{active.reason} {active.rollback.because}"
    assert active.history[-1].reason.startswith(SENTENCE)
    [alert] = [one for one in world.alerts if one.kind is Kind.DEPLOYMENT_EXPLAINED]
    assert "tenant list is empty" in alert.log_lines[0]
    assert (alert.deployment, alert.change) == (active.id, 0)
    world.done(OLD)
    world.look(after=LIMITS.for_more.total_seconds())
    assert SENTENCE in str(world.environment().deployments or world.ended)
    assert kinds(world).count(Kind.DEPLOYMENT_EXPLAINED) == 1


def test_the_step_of_the_deployment_is_taken_before_the_logs_are_read(world):
    fails(world)
    arrives(world, FAILURE)
    world.look(after=1)
    assert world.calls.index("beanstalk.update") < world.calls.index("instance_logs.available")


def test_the_cause_is_added_to_a_deployment_that_has_ended(world):
    fails(world, rules=Rules(on_failure=OnFailure.HOLD))
    assert world.ended[0].state is State.FAILED
    arrives(world, FAILURE)
    world.look(after=20)
    assert world.active == []
    assert SENTENCE in world.ended[0].reason
    assert kinds(world)[-1] is Kind.DEPLOYMENT_EXPLAINED


def test_a_log_that_has_not_arrived_is_waited_for_and_reported_once(world):
    fails(world, rules=Rules(on_failure=OnFailure.HOLD))
    world.look(after=LIMITS.for_any.total_seconds() - 1)
    assert Kind.DEPLOYMENT_NOT_EXPLAINED not in kinds(world)
    world.look(after=1)
    world.look(after=60)
    assert kinds(world).count(Kind.DEPLOYMENT_NOT_EXPLAINED) == 1
    assert world.ended[0].reason.endswith("the logs of the instances have not arrived")
    assert world.environment().log_request is None


def test_logs_without_a_cause_are_waited_for_until_the_logs_of_other_instances_have_had_time(world):
    fails(world, rules=Rules(on_failure=OnFailure.HOLD))
    world.instance_logs.arrived[InstanceLog("i-1", "i-1", world.now)] = SILENT.encode()
    world.look(after=LIMITS.for_more.total_seconds() - 1)
    assert world.environment().log_request is not None
    world.look(after=1)
    assert world.ended[0].reason.endswith(
        "Wardrop read parts of the logs of 1 instance, but these parts do not name the cause"
    )


def becomes_unhealthy_while_it_bakes(world: DeploymentWorld) -> None:
    world.drop(rules=Rules(bake=Duration(minutes=2), bad_for=Duration(minutes=10)))
    world.look()
    world.done()
    world.look(after=30)
    world.shows(instance(1, NEW, deployment_id=8), version_label=NEW, updated_at=world.now, health=Health.SEVERE)
    world.look(after=30)
    assert world.instance_logs.requested == ["e-1"]


def test_the_cause_of_bad_health_during_the_bake_does_not_say_that_the_version_has_failed(world):
    becomes_unhealthy_while_it_bakes(world)
    arrives(world, FAILURE)
    world.look(after=20)
    assert kinds(world)[-1] is Kind.DEPLOYMENT_UNHEALTHY
    assert SENTENCE in world.active[0].reason


def test_bad_health_during_the_bake_without_a_cause_is_not_reported_again(world):
    becomes_unhealthy_while_it_bakes(world)
    before = kinds(world)
    world.look(after=LIMITS.for_any.total_seconds())
    assert kinds(world) == before
    assert world.environment().log_request is None


def test_a_refused_request_is_part_of_the_reason_and_delays_nothing(world):
    world.instance_logs.refuses = "Elastic Beanstalk answered InvalidParameterValue to the request for the logs"
    world.drop()
    world.look()
    world.fail()
    step = world.look(after=60).step
    assert isinstance(step, RollBack)
    assert "could not be requested, because Elastic Beanstalk answered InvalidParameterValue" in step.reason
    assert world.environment().log_request is None


def test_an_environment_has_one_request_at_a_time(world):
    """The function is killed after the request. The next look takes the same step again."""
    world.drop()
    world.look()
    world.fail()
    world.before["ledger.write"] = once(raising(Crash()))
    with pytest.raises(Crash):
        world.look(after=60)
    world.look(after=1)
    assert world.instance_logs.requested == ["e-1"]
    assert world.active[0].state is State.ROLLING_BACK


def test_an_environment_with_a_request_is_woken_by_the_tick(world):
    fails(world, rules=Rules(on_failure=OnFailure.HOLD))
    assert world.ledger.environments.active().explaining == {NAME}
