"""A wake-up may state the environment. No decision that cannot be undone uses this statement alone."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.unit.deployments.world import NAME, DeploymentWorld
from tests.unit.samples import (
    NEW,
    OLD,
    baking,
    completed,
    deploying,
    environment,
    event,
    good,
    instance,
    queued,
    rolling_back,
    started,
    unanswered,
)
from wardrop.aws.mailbox import WakeUp
from wardrop.configuration.duration import Duration
from wardrop.configuration.rules import Rules
from wardrop.deployments.change import Change
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.freshness import is_provisional
from wardrop.deployments.state import State
from wardrop.deployments.steps import End, Recheck, Step, Wait
from wardrop.environments.model import Environment, Event, Health

MADE = [queued, deploying, baking, rolling_back, unanswered]
FLEETS = [(), (instance(1, NEW), instance(2, NEW)), (instance(1, OLD), instance(2, OLD)), (instance(1, NEW, "Failed"),)]


def environments() -> st.SearchStrategy[Environment]:
    return st.builds(
        environment,
        status=st.sampled_from(["Ready", "Updating", "Terminating"]),
        health=st.sampled_from([Health.OK, Health.SEVERE, Health.NO_DATA]),
        version_label=st.sampled_from([OLD, NEW, "shop-3"]),
        id=st.sampled_from(["e-1", "e-9"]),
        application=st.sampled_from(["shop", "mall"]),
        platform=st.sampled_from(["", "arn:aws:elasticbeanstalk:us-east-1::platform/Java/1"]),
    )


def looked(deployment: Deployment, present: Environment, fleet: Any, events: list[Event], *stated: WakeUp) -> Any:
    """Takes a look. Returns the step, and the world afterwards."""
    world = DeploymentWorld()
    world.beanstalk.described[NAME] = present
    world.beanstalk.fleet, world.beanstalk.event_log = fleet, events
    world.ledger.write(Change([deployment], replace(world.environment().standing, good=[good(OLD)])))
    world.wait(600)
    wake_ups = [replace(wake_up, snapshot_at=world.now) for wake_up in stated]
    return world.look(*wake_ups).step, world


@given(
    st.sampled_from(MADE),
    environments(),
    environments(),
    st.sampled_from(FLEETS),
    st.sampled_from(
        [[], [started(), completed()], [started(), event("Failed to deploy application.", severity="ERROR")]]
    ),
)
def test_every_step_that_cannot_be_undone_is_the_step_without_the_statement(
    make: Any, stated: Environment, present: Environment, fleet: Any, events: list[Event]
) -> None:
    deployment = replace(make(), revision=0)
    step, world = looked(deployment, present, fleet, events, WakeUp(environment=NAME, cause="x", snapshot=stated))
    if not is_provisional(step):
        assert "beanstalk.environments" in world.calls
        assert step == looked(deployment, present, fleet, events)[0]
    else:
        assert all(each.is_active for each in world.active)
        assert world.ended == []
        assert world.beanstalk.updates == []


@pytest.fixture
def world() -> DeploymentWorld:
    world = DeploymentWorld()
    world.runs_the_old_version_well()
    world.drop(rules=Rules(bake=Duration(minutes=2)))
    world.look()
    return world


def test_a_wake_up_that_states_the_end_of_the_update_does_not_end_the_deployment(world):
    world.shows(instance(1, NEW, deployment_id=8), version_label=OLD, status="Updating")
    world.beanstalk.event_log = [started(world.now), completed(world.now)]
    world.wait(300)
    assert isinstance(world.look(world.snapshot(version_label=NEW, updated_at=world.now)).step, Wait)
    assert world.active[0].state is State.DEPLOYING


def test_a_wake_up_that_states_bad_health_does_not_roll_a_version_back(world):
    world.done()
    world.look(after=60)
    severe = {"version_label": NEW, "updated_at": world.now, "health": Health.SEVERE}
    for _ in range(6):
        world.wait(60)
        assert isinstance(world.look(world.snapshot(**severe)).step, Recheck | End)
    assert [each.state for each in world.ended] in ([], [State.SUCCEEDED])
    assert world.beanstalk.updates == [("e-1", NEW)]


def test_a_confirmed_statement_costs_one_call_and_no_second_reading(world):
    world.done()
    world.look(after=60)
    shown = world.beanstalk.described[NAME]
    world.wait(300)
    step = world.look(WakeUp(environment=NAME, cause="tick", snapshot=shown, snapshot_at=world.now)).step
    assert isinstance(step, End)
    calls = [call for call in world.calls if call.startswith("beanstalk.")]
    assert calls == ["beanstalk.events", "beanstalk.instances", "beanstalk.environments"]


def test_while_a_version_bakes_a_statement_saves_the_call(world):
    world.done()
    world.look(after=60)
    shown = world.beanstalk.described[NAME]
    world.wait(30)
    step: Step | None = world.look(WakeUp(environment=NAME, cause="tick", snapshot=shown, snapshot_at=world.now)).step
    assert isinstance(step, Recheck)
    assert "beanstalk.environments" not in world.calls
