"""The world of the unit tests records the calls of the verbs, and interrupts the calls that a test names."""

import pytest

from tests.unit.samples import NEW, SETTLE, queued
from tests.unit.world import Crash, World, once, raising
from wardrop.aws.mailbox import WakeUp
from wardrop.deployments.advance import AdvanceDeployment
from wardrop.deployments.state import State

TICK = [WakeUp(environment="shop-staging", cause="tick")]


def advance(world: World) -> AdvanceDeployment:
    return world.verb(AdvanceDeployment, settle=SETTLE)


def test_a_verb_is_driven_and_its_calls_are_recorded():
    world = World()
    world.record(queued())
    advance(world)("shop-staging", TICK, world.now)
    assert world.beanstalk.updates == [("e-1", NEW)]
    assert [deployment.state for deployment in world.environment().deployments] == [State.DEPLOYING]
    # The ledger of the world has no version, so the files of the version are not known.
    assert world.alert_kinds == ["deployment_replaces_instances", "deployment_started"]
    assert world.calls[-2:] == ["beanstalk.update", "ledger.write"]


@pytest.mark.parametrize(("disturbed", "updates"), [("before", 0), ("after", 1)])
def test_a_call_is_disturbed_before_or_after_it_takes_effect(disturbed, updates):
    world = World()
    world.record(queued())
    getattr(world, disturbed)["beanstalk.update"] = once(raising(Crash()))
    with pytest.raises(Crash):
        advance(world)("shop-staging", TICK, world.now)
    assert len(world.beanstalk.updates) == updates
