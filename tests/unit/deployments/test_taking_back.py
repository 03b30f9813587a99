"""What goes on after the update: baking, rollback, promotion; what is written, called, and survives a crash."""

from typing import Any

import pytest
from msgspec.structs import replace

from tests.unit.deployments.test_advance import Crash, World
from tests.unit.samples import (
    NEW,
    NOW,
    OLD,
    environment,
    event,
    good,
    instance,
    queued,
    release,
    standing,
    started,
)
from wardrop.configuration.rules import Rules
from wardrop.deployments.change import Change
from wardrop.deployments.deployment import Asked, Deployment
from wardrop.deployments.standing import Hold
from wardrop.deployments.state import State
from wardrop.deployments.steps import AskApproval, Bake, Deploy, End, Prepare, Recheck, RollBack, Wait
from wardrop.environments.model import Health
from wardrop.environments.settings import COMMAND
from wardrop.errors import Outdated

STAGES = "environments: [{name: shop-staging, bake: 0s}, {name: shop-prod, approval: none}]"
FAILED = [event("Unsuccessful command execution on instance id(s) 'i-1'.", severity="ERROR")]


@pytest.fixture
def world(ledger) -> World:
    return World(ledger)


def drop(world: World, name: str = "d-1", label: str = NEW, **differs: Any) -> Deployment:
    deployment = queued(name, label, **differs)
    world.ledger.write(Change([deployment]))
    return deployment


def fail(world: World) -> None:
    """Beanstalk gave up half-way: the label stays, and the fleet is mixed."""
    world.shows(instance(1, NEW, "Failed"), instance(2, OLD), version_label=OLD, updated_at=world.now)
    world.beanstalk.told = [started(world.now), *(replace(one, at=world.now) for one in FAILED)]
    world.beanstalk.told.append(event("Failed to deploy application.", world.now, severity="ERROR"))


def known_good(world: World) -> None:
    """The old version ran well when the first deployment started."""
    world.shows(instance(1, OLD), instance(2, OLD))


class TestTakingBack:
    def test_what_failed_is_taken_back_quarantined_and_told(self, world):
        known_good(world)
        drop(world)
        assert isinstance(world.look().step, Deploy)
        fail(world)
        assert isinstance(world.look(after=60).step, RollBack)
        assert isinstance(world.look(after=1).step, Deploy)
        assert world.beanstalk.updates == [("e-1", NEW), ("e-1", OLD)]
        world.done(OLD)
        assert isinstance(world.look(after=60).step, End)
        [ended] = world.ended
        assert ended.state is State.ROLLED_BACK
        standing = world.ledger.now("shop-staging").standing
        assert [one.label for one in standing.quarantined] == [NEW]
        assert standing.hold is None
        assert standing.newest == ended.arrival

    def test_a_rollback_that_fails_holds_the_environment(self, world):
        known_good(world)
        drop(world)
        world.look()
        fail(world)
        world.look(after=60)
        world.look(after=1)
        fail(world)
        world.look(after=60)
        assert world.ended[0].state is State.ROLLBACK_FAILED
        drop(world, "d-2", "shop-3", minutes=9)
        assert "held since" in world.look(after=60).reason

    def test_a_good_version_whose_bundle_is_not_sound_is_passed_over(self, world):
        drop(world)
        standing = replace(world.ledger.now("shop-staging").standing, good=[good("shop-1.5"), good(OLD, release=None)])
        [there] = world.active
        world.ledger.write(Change([there], standing=standing))
        world.look()
        fail(world)
        world.bundles.wrong = "its bundle is gone"
        world.look(after=60)
        assert world.active[0].target_label == OLD

    def test_without_any_sound_bundle_it_fails_and_says_why(self, world):
        known_good(world)
        drop(world)
        world.look()
        fail(world)
        world.beanstalk.stands = False
        world.look(after=60)
        assert world.ended[0].state is State.FAILED
        assert f"nothing good can be put back ({OLD}: Beanstalk has no version {OLD} any more)" in world.ended[0].reason

    @pytest.mark.parametrize("call", ["write", "wake", "update"])
    def test_a_crash_at_any_call_is_taken_up_by_the_next_look(self, world, monkeypatch, call):
        known_good(world)
        drop(world)
        world.look()
        fail(world)
        owner = world.beanstalk if call == "update" else world.mailbox if call == "wake" else world.ledger
        real, crashed = getattr(owner, call), []

        def crash(*args: Any, **kwargs: Any) -> Any:
            result = real(*args, **kwargs)
            if not crashed:
                crashed.append(True)
                raise Crash
            return result

        monkeypatch.setattr(owner, call, crash)
        for _ in range(4):
            try:
                world.look(after=130)
            except Crash:
                continue
            if world.beanstalk.updates[-1] == ("e-1", OLD):
                world.shows(*(instance(n, OLD, deployment_id=9) for n in (1, 2)), updated_at=world.now)
                world.beanstalk.told = [started(world.now), *world.beanstalk.told[-1:]][:1]
        world.done(OLD)
        world.beanstalk.fleet = (instance(1, OLD, deployment_id=9),)
        for _ in range(3):
            world.look(after=60)
        assert crashed
        assert world.beanstalk.updates.count(("e-1", OLD)) == 1
        assert world.ended[0].state is State.ROLLED_BACK


class TestBaking:
    def test_it_bakes_then_succeeds_and_the_ledger_is_written_only_when_something_changes(self, world):
        drop(world, rules=Rules())
        world.look()
        world.done()
        assert isinstance(world.look(after=10).step, Bake)
        assert isinstance(world.look(after=60).step, Recheck)
        assert "write" not in world.calls
        assert isinstance(world.look(after=60).step, End)
        assert world.ended[0].state is State.SUCCEEDED

    def test_whoever_presses_takes_the_place_of_what_bakes(self, world):
        world.ledger.write(Change(standing=standing(good())))
        drop(world, rules=Rules())
        world.look()
        world.done()
        world.look(after=10)
        drop(world, "d-2", OLD, minutes=5, asked=Asked(by="jane", at=NOW, rollback=True))
        assert isinstance(world.look(after=10).step, Deploy)
        assert world.beanstalk.updates[-1] == ("e-1", OLD)
        [ended] = world.ended
        assert (ended.label, ended.state) == (NEW, State.SUPERSEDED)
        assert "as jane asked" in ended.reason


class TestPreparing:
    def test_the_policy_is_changed_before_the_version_is_deployed(self, world):
        world.beanstalk.options = {(COMMAND, "DeploymentPolicy"): "AllAtOnce"}
        world.shows(instance(1, OLD), instance(2, OLD))
        drop(world)
        assert isinstance(world.look().step, Prepare)
        assert world.active[0].state is State.PREPARING
        world.shows(instance(1, OLD), instance(2, OLD), updated_at=world.now)
        world.beanstalk.options = {
            (COMMAND, "DeploymentPolicy"): "Rolling",
            (COMMAND, "BatchSizeType"): "Percentage",
            (COMMAND, "BatchSize"): "30",
        }
        assert isinstance(world.look(after=60).step, Deploy)
        [settings, version] = world.beanstalk.updates
        assert settings == ("e-1", {"DeploymentPolicy": "Rolling", "BatchSizeType": "Percentage", "BatchSize": "30"})
        assert version == ("e-1", NEW)

    def test_settings_that_are_known_are_not_read_again_until_the_environment_changes(self, world):
        drop(world)
        world.look()
        assert "settings" in world.calls
        world.done()
        world.look(after=60)
        world.beanstalk.shown["shop-staging"] = environment(version_label=NEW)
        drop(world, "d-2", "shop-3", minutes=5)
        world.look(after=1)
        assert "settings" not in world.calls
        assert world.beanstalk.updates[-1] == ("e-1", "shop-3")


class TestWaiting:
    @pytest.mark.parametrize("rules", [Rules(approval_required=True), Rules(freeze=["00:00 - 23:59"])])
    def test_what_waits_for_people_asks_beanstalk_nothing_when_the_wake_up_saw_it(self, world, rules):
        drop(world, rules=rules)
        step = world.look(world.seen()).step
        assert isinstance(step, AskApproval | Wait)
        assert world.look(world.seen()).step == step
        assert world.calls == ["now"]


class TestPromotion:
    def succeed(self, world: World, name: str = "d-1", **differs: Any) -> None:
        drop(world, name, promotes=True, **({"stage": ["shop-staging"]} | differs))
        world.look()
        world.done()
        assert world.look(after=60).reason

    def test_what_is_good_goes_to_the_next_stage(self, world):
        world.parameters.documents["shop"] = STAGES
        self.succeed(world)
        [promoted] = world.ledger.now("shop-prod").deployments
        assert (promoted.label, promoted.state, promoted.rules.approval_required) == (NEW, State.QUEUED, False)
        assert promoted.reason == "shop-2.0 is good in shop-staging, and is promoted"
        assert promoted.arrival == world.ended[0].arrival
        assert [one.environment for one in world.mailbox.woken] == ["shop-prod"]

    def test_later_stages_are_approved_unless_that_is_configured_otherwise(self, world):
        world.parameters.documents["shop"] = "environments: [{name: shop-staging, bake: 0s}, {name: shop-prod}]"
        self.succeed(world)
        assert world.ledger.now("shop-prod").deployments[0].rules.approval_required

    @pytest.mark.parametrize("document", [None, "environments: [{name: shop-staging}]", "nonsense"])
    def test_after_the_last_stage_nothing_is_promoted(self, world, document):
        world.parameters.documents = {"shop": document} if document else {}
        self.succeed(world)
        assert world.ended[0].state is State.SUCCEEDED
        assert world.mailbox.woken == []

    def test_a_stage_of_two_waits_for_both(self, world):
        world.parameters.documents["shop"] = (
            "environments: [[{name: shop-staging}, {name: shop-worker}], {name: shop-prod}]"
        )
        self.succeed(world, stage=["shop-staging", "shop-worker"])
        assert world.ledger.now("shop-prod").deployments == []
        worker = queued("w-1", environment="shop-worker", promotes=True, stage=["shop-staging", "shop-worker"])
        world.ledger.write(Change([worker]))
        world.beanstalk.shown["shop-worker"] = environment(id="e-3", name="shop-worker")
        world.beanstalk.told, world.beanstalk.fleet = [], (instance(1, OLD),)
        world.advance("shop-worker", [], world.now)
        world.beanstalk.shown["shop-worker"] = environment(
            id="e-3", name="shop-worker", version_label=NEW, updated_at=world.now
        )
        world.beanstalk.told = [started(world.now), event("Environment update completed successfully.", world.now)]
        world.beanstalk.fleet = (instance(1),)
        world.advance("shop-worker", [], world.now)
        assert [one.label for one in world.ledger.now("shop-prod").deployments] == [NEW]

    def test_what_a_person_goes_back_from_is_not_promoted_when_it_proves_good(self, world):
        world.parameters.documents["shop"] = STAGES
        drop(world, promotes=True, stage=["shop-staging"])
        world.look()
        held = Hold(by="jane", at=NOW, because="rolled back to shop-1.0")
        world.ledger.write(Change(standing=replace(world.ledger.now("shop-staging").standing, hold=held)))
        world.done()
        world.look(after=60)
        assert world.ended[0].state is State.SUCCEEDED
        assert "it is not promoted, for shop-staging is held: rolled back to shop-1.0" in world.ended[0].reason
        assert world.ledger.now("shop-prod").deployments == []

    def test_nor_is_it_when_the_person_goes_back_in_another_environment_of_the_stage(self, world):
        world.parameters.documents["shop"] = (
            "environments: [[{name: shop-staging}, {name: shop-worker}], {name: shop-prod}]"
        )
        held = Hold(by="jane", at=NOW, because="rolled back to shop-1.0")
        worker = world.ledger.now("shop-worker").standing
        world.ledger.write(Change(standing=replace(worker, good=[good(NEW)], hold=held)))
        self.succeed(world, stage=["shop-staging", "shop-worker"])
        assert world.ledger.now("shop-prod").deployments == []

    def test_of_two_that_become_good_at_once_one_sees_the_other(self, world):
        """The condition on the other's standing fails, and the next look promotes."""
        stage = ["shop-staging", "shop-worker"]
        drop(world, promotes=True, stage=stage)
        [mine] = world.active
        other = world.ledger.now("shop-worker").standing
        worker = queued("w-1", environment="shop-worker")
        world.ledger.write(Change([worker]))
        world.ledger.write(
            Change([world.ledger.now("shop-worker").deployments[0]], standing=replace(other, good=[good(NEW)]))
        )
        ended = replace(mine, state=State.DEPLOYING).moved(State.SUCCEEDED, "good", NOW)
        with pytest.raises(Outdated):
            world.ledger.write(Change([ended], unchanged=[other]))
        assert world.active == [mine]


def test_a_hold_is_written_as_it_is_read(ledger):
    held = Hold(by="Wardrop", at=NOW, because="the rollback failed")
    standing = replace(ledger.now("shop-staging").standing, hold=held, good=[good(release=release())])
    deployment = queued()
    ledger.write(Change([deployment]))
    ledger.write(Change([replace(deployment, revision=1, dropped_by="jane")], standing=standing))
    assert ledger.now("shop-staging").standing == replace(standing, revision=1)
    assert Health.OK in ledger.now("shop-staging").deployments[0].rules.accept
