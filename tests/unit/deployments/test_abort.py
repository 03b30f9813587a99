"""The step of the mailbox that aborts somebody else's update, with everything outside of it in memory."""

from datetime import timedelta

import pytest

from tests.unit.guard.samples import DRAFT, OPTIONS, STARTED_AT, guarded
from tests.unit.samples import NOW, THEIR_REQUEST, completed, deploying, environment, event, seconds, started
from tests.unit.world import Crash, World, raising
from wardrop.alerts.kinds import Kind
from wardrop.aws.mailbox import WakeUp
from wardrop.deployments.advance import AdvanceDeployment
from wardrop.errors import NotNow, Refused
from wardrop.guard.guarded_update import AbortState


class AbortedWorld(World):
    """The guard has requested to abort an update of shop-staging that began ten seconds ago."""

    def __init__(self) -> None:
        super().__init__()
        self.advance = self.verb(AdvanceDeployment, settle=timedelta(minutes=3))
        self.beanstalk.options, self.beanstalk.pending = dict(OPTIONS), DRAFT
        self.beanstalk.event_log = [started(STARTED_AT, THEIR_REQUEST)]
        self.show(status="Updating", is_abortable=True)
        self.ledger.guarded_updates.write(guarded())

    def look(self) -> str:
        return self.advance("shop-staging", [], self.now).reason

    @property
    def abort(self) -> AbortState | None:
        guarded_update = self.environment().guarded
        assert guarded_update is not None
        return guarded_update.abort


@pytest.fixture
def world() -> AbortedWorld:
    return AbortedWorld()


def test_the_update_is_aborted_and_reported_once(world):
    assert "Wardrop aborted the update of shop-staging that started at" in world.look()
    assert world.look() == "there is no active deployment"
    assert world.beanstalk.aborted == ["e-1"]
    assert (world.alert_kinds, world.abort) == ([Kind.UPDATE_ABORTED], AbortState.ABORTED)
    assert world.ledger.environments.active().aborting == set()


def test_an_update_that_removed_an_instance_meanwhile_is_left_alone(world):
    world.beanstalk.event_log.append(event("Removed instance [i-1] from your environment.", NOW, None))
    world.look()
    assert world.beanstalk.aborted == []
    assert (world.alert_kinds, world.abort) == ([Kind.UPDATE_NOT_ABORTED], AbortState.LEFT)


def test_an_update_of_our_own_is_never_aborted(world):
    world.record(deploying(revision=0, request_ids=[THEIR_REQUEST]))
    world.look()
    assert world.beanstalk.aborted == []
    assert world.abort is AbortState.LEFT


def test_a_refusal_of_beanstalk_is_reported(world):
    world.before["beanstalk.abort_update"] = raising(Refused("there is nothing to abort"))
    world.look()
    assert world.alert_kinds == [Kind.UPDATE_NOT_ABORTED]
    assert "Beanstalk refused: there is nothing to abort" in world.alerts[0].text


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_crash_around_the_call_does_not_abort_twice(world, moment):
    getattr(world, moment)["beanstalk.abort_update"] = raising(Crash())
    with pytest.raises(Crash):
        world.look()
    world.before.clear()
    world.after.clear()
    calls = len(world.beanstalk.aborted)
    assert world.ledger.environments.active().aborting == {"shop-staging"}
    with pytest.raises(NotNow):
        world.look()
    world.wait(31)
    world.look()
    assert len(world.beanstalk.aborted) == calls
    assert (world.alert_kinds, world.abort) == ([Kind.UPDATE_NOT_ABORTED], AbortState.LEFT)


def test_a_crash_after_the_call_is_reported_as_an_abort_if_the_environment_is_aborting(world):
    world.after["beanstalk.abort_update"] = raising(Crash())
    with pytest.raises(Crash):
        world.look()
    world.show(status="Aborting")
    world.wait(5)
    world.look()
    [alert] = world.alerts
    assert (alert.kind, alert.title) == (Kind.UPDATE_ABORTED, "an update is being aborted")
    assert alert.text.startswith("Beanstalk is aborting the update of shop-staging that started at")


def test_a_crash_after_the_call_is_not_reported_as_an_abort_that_failed(world):
    world.after["beanstalk.abort_update"] = raising(Crash())
    with pytest.raises(Crash):
        world.look()
    world.show(updated_at=NOW)
    world.wait(60)
    world.look()
    [alert] = world.alerts
    assert (alert.kind, alert.title) == (Kind.UPDATE_NOT_ABORTED, "it is not known whether an update was aborted")
    assert alert.text.startswith("It is not known whether Wardrop aborted the update of shop-staging")


def test_an_environment_that_is_still_shown_as_ready_is_aborted_as_soon_as_its_update_is_shown(world):
    world.show(status="Ready")
    with pytest.raises(NotNow):
        world.look()
    assert (world.alerts, world.abort) == ([], AbortState.REQUESTED)
    world.wait(5)
    world.show(status="Updating", is_abortable=True)
    world.look()
    assert (world.beanstalk.aborted, world.abort) == (["e-1"], AbortState.ABORTED)


def test_throttling_is_tried_again_while_the_update_is_young(world):
    world.before["beanstalk.settings_and_draft"] = raising(NotNow("Rate exceeded"))
    with pytest.raises(NotNow):
        world.look()
    world.before.clear()
    world.look()
    assert world.beanstalk.aborted == ["e-1"]


def test_an_environment_that_is_ready_again_is_left_alone(world):
    world.beanstalk.event_log.append(completed(NOW, THEIR_REQUEST))
    world.show(updated_at=NOW + seconds(1))
    world.look()
    assert world.beanstalk.aborted == []
    assert world.abort is AbortState.LEFT


def test_an_abort_is_decided_on_the_environment_as_it_is_now_and_not_as_a_wake_up_states_it(world):
    world.show(status="Ready")
    stated = WakeUp(
        environment="shop-staging",
        cause="x",
        snapshot=environment(status="Updating", is_abortable=True),
        snapshot_at=world.now,
    )
    with pytest.raises(NotNow):
        world.advance("shop-staging", [stated], world.now)
    assert world.beanstalk.aborted == []
    assert "beanstalk.environments" in world.calls
