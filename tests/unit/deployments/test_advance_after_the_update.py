"""Several looks: the writes and calls of a bake, a rollback and a promotion, also after a crash."""

from typing import Any

import pytest
from msgspec.structs import replace

from tests.unit.deployments.world import DeploymentWorld
from tests.unit.samples import NEW, NOW, OLD, environment, event, good, instance, queued, standing, started
from tests.unit.world import Crash, once, raising
from wardrop.configuration.rules import Rules
from wardrop.deployments.asked import Asked
from wardrop.deployments.change import Change
from wardrop.deployments.deployment import Joined
from wardrop.deployments.standing import Hold
from wardrop.deployments.state import State
from wardrop.deployments.steps import Bake, Deploy, End, Recheck, RollBack
from wardrop.errors import Outdated

STAGES = "environments: [{name: shop-staging, bake: 0s}, {name: shop-prod, approval: none}]"


@pytest.fixture
def world() -> DeploymentWorld:
    return DeploymentWorld()


class TestTakingBack:
    def test_a_version_that_failed_is_rolled_back_and_quarantined(self, world):
        world.runs_the_old_version_well()
        world.drop()
        assert isinstance(world.look().step, Deploy)
        world.fail()
        assert isinstance(world.look(after=60).step, RollBack)
        assert isinstance(world.look(after=1).step, Deploy)
        assert world.beanstalk.updates == [("e-1", NEW), ("e-1", OLD)]
        world.done(OLD)
        assert isinstance(world.look(after=60).step, End)
        [ended] = world.ended
        assert ended.state is State.ROLLED_BACK
        standing = world.environment().standing
        assert [one.label for one in standing.quarantined] == [NEW]
        assert standing.hold is None
        assert standing.newest == ended.arrival

    def test_a_rollback_that_fails_holds_the_environment(self, world):
        world.runs_the_old_version_well()
        world.drop()
        world.look()
        world.fail()
        world.look(after=60)
        world.look(after=1)
        world.fail()
        world.look(after=60)
        assert world.ended[0].state is State.ROLLBACK_FAILED
        world.drop("d-2", "shop-3", minutes=9)
        assert "held since" in world.look(after=60).reason

    def test_a_good_version_whose_bundle_has_changed_is_passed_over(self, world):
        world.drop()
        standing = replace(world.environment().standing, good=[good("shop-1.5"), good(OLD, release=None)])
        [there] = world.active
        world.ledger.write(Change([there], standing=standing))
        world.look()
        world.fail()
        world.bundles.fault = "its bundle is gone"
        world.look(after=60)
        assert world.active[0].target_label == OLD

    def test_without_an_unchanged_bundle_it_fails_with_the_reason(self, world):
        world.runs_the_old_version_well()
        world.drop()
        world.look()
        world.fail()
        world.beanstalk.has_our_bundle = False
        world.look(after=60)
        assert world.ended[0].state is State.FAILED
        assert (
            f"no good version can be deployed again ({OLD}: Beanstalk does not list version {OLD} with its bundle"
            in world.ended[0].reason
        )

    @pytest.mark.parametrize("call", ["ledger.write", "mailbox.wake", "beanstalk.update"])
    def test_a_crash_after_any_call_is_recovered_by_the_next_looks(self, world, call):
        world.runs_the_old_version_well()
        world.drop()
        world.look()
        world.fail()
        crashes = []
        world.after[call] = once(lambda: crashes.append(call) or raising(Crash())())
        for _ in range(4):
            try:
                world.look(after=130)
            except Crash:
                continue
            if world.beanstalk.updates[-1] == ("e-1", OLD):
                world.shows(*(instance(n, OLD, deployment_id=9) for n in (1, 2)), updated_at=world.now)
                world.beanstalk.event_log = [started(world.now)]
        world.done(OLD)
        world.beanstalk.fleet = (instance(1, OLD, deployment_id=9),)
        for _ in range(3):
            world.look(after=60)
        assert crashes == [call]
        assert world.beanstalk.updates.count(("e-1", OLD)) == 1
        assert world.ended[0].state is State.ROLLED_BACK


class TestBaking:
    def test_it_bakes_and_succeeds_and_the_ledger_is_written_only_when_something_changes(self, world):
        world.drop(rules=Rules())
        world.look()
        world.done()
        assert isinstance(world.look(after=10).step, Bake)
        assert isinstance(world.look(after=60).step, Recheck)
        assert "ledger.write" not in world.calls
        assert isinstance(world.look(after=60).step, End)
        assert world.ended[0].state is State.SUCCEEDED

    def test_an_urgent_request_replaces_a_deployment_that_bakes(self, world):
        world.ledger.write(Change(standing=standing(good())))
        world.drop(rules=Rules())
        world.look()
        world.done()
        world.look(after=10)
        world.drop("d-2", OLD, minutes=5, asked=Asked(by="jane", at=NOW, rollback=True))
        assert isinstance(world.look(after=10).step, Deploy)
        assert world.beanstalk.updates[-1] == ("e-1", OLD)
        [ended] = world.ended
        assert (ended.label, ended.state) == (NEW, State.SUPERSEDED)
        assert "jane requested shop-1.0" in ended.reason


class TestPromotion:
    def succeed(self, world: DeploymentWorld, name: str = "d-1", **differs: Any) -> None:
        for other in ("shop-prod", "shop-worker"):
            world.show(other)
        world.drop(name, promotes=True, **({"stage": ["shop-staging"]} | differs))
        world.look()
        world.done()
        assert world.look(after=60).reason

    def test_a_good_version_goes_to_the_next_stage(self, world):
        world.parameters.documents["shop"] = STAGES
        self.succeed(world)
        [promoted] = world.ledger.environments.read("shop-prod").deployments
        assert (promoted.label, promoted.state, promoted.rules.approval_required) == (NEW, State.QUEUED, False)
        assert promoted.reason == "shop-2.0 is good in shop-staging, and is promoted"
        assert promoted.arrival == world.ended[0].arrival
        assert [one.environment for one in world.mailbox.woken] == ["shop-prod"]

    def test_later_stages_need_approval_unless_it_is_configured_otherwise(self, world):
        world.parameters.documents["shop"] = "environments: [{name: shop-staging, bake: 0s}, {name: shop-prod}]"
        self.succeed(world)
        assert world.ledger.environments.read("shop-prod").deployments[0].rules.approval_required

    @pytest.mark.parametrize("document", [None, "environments: [{name: shop-staging}]"])
    def test_after_the_last_stage_nothing_is_promoted(self, world, document):
        world.parameters.documents = {"shop": document} if document else {}
        self.succeed(world)
        assert world.ended[0].state is State.SUCCEEDED
        assert world.mailbox.woken == []

    def test_a_stage_of_two_waits_for_both(self, world):
        world.parameters.documents["shop"] = (
            "environments: [[{name: shop-staging}, {name: shop-worker}], {name: shop-prod}]"
        )
        worker = queued("w-1", environment="shop-worker", promotes=True, stage=["shop-staging", "shop-worker"])
        world.ledger.write(Change([worker]))
        self.succeed(world, stage=["shop-staging", "shop-worker"])
        assert world.ended[0].reason.endswith("; the version is promoted when it is also good in shop-worker")
        assert world.ledger.environments.read("shop-prod").deployments == []
        world.beanstalk.described["shop-worker"] = environment(id="e-3", name="shop-worker")
        world.beanstalk.event_log, world.beanstalk.fleet = [], (instance(1, OLD),)
        world.advance("shop-worker", [], world.now)
        world.beanstalk.described["shop-worker"] = environment(
            id="e-3", name="shop-worker", version_label=NEW, updated_at=world.now
        )
        world.beanstalk.event_log = [started(world.now), event("Environment update completed successfully.", world.now)]
        world.beanstalk.fleet = (instance(1),)
        world.advance("shop-worker", [], world.now)
        assert [one.label for one in world.ledger.environments.read("shop-prod").deployments] == [NEW]

    def test_a_request_that_a_drop_joined_does_not_promote_the_drop_twice(self, world):
        world.parameters.documents["shop"] = STAGES
        drop = "s3://drops/shop/shop-2.0.war#v7"
        world.ledger.write(Change([queued("p-1", environment="shop-prod", drop=drop)]))
        self.succeed(world, drop=None, joined=[Joined(drop=drop, at=NOW)])
        assert world.ended[0].state is State.SUCCEEDED
        assert [one.id for one in world.ledger.environments.read("shop-prod").deployments] == ["p-1"]

    def test_a_version_that_a_person_has_rolled_back_is_not_promoted(self, world):
        world.parameters.documents["shop"] = STAGES
        world.show("shop-prod")
        world.drop(promotes=True, stage=["shop-staging"])
        world.look()
        held = Hold(by="jane", at=NOW, because="rolled back to shop-1.0")
        world.ledger.write(Change(standing=replace(world.environment().standing, hold=held)))
        world.done()
        world.look(after=60)
        assert world.ended[0].state is State.SUCCEEDED
        assert (
            "the version is not promoted, because shop-staging is held: rolled back to shop-1.0"
            in world.ended[0].reason
        )
        assert world.ledger.environments.read("shop-prod").deployments == []

    def test_nor_is_it_if_the_rollback_is_in_another_environment_of_the_stage(self, world):
        world.parameters.documents["shop"] = (
            "environments: [[{name: shop-staging}, {name: shop-worker}], {name: shop-prod}]"
        )
        held = Hold(by="jane", at=NOW, because="rolled back to shop-1.0")
        worker = world.ledger.environments.read("shop-worker").standing
        world.ledger.write(Change(standing=replace(worker, good=[good(NEW)], hold=held)))
        request = queued("w-1", environment="shop-worker", drop=None, promotes=True)
        another = queued("w-2", environment="shop-worker", drop="s3://drops/shop/shop-1.9.war#v1", promotes=True)
        world.ledger.write(Change([request, another]))
        self.succeed(world, stage=["shop-staging", "shop-worker"])
        assert world.ended[0].reason.endswith(
            "the version is not promoted, because shop-worker is held: rolled back to shop-1.0; "
            "to deploy it anyway: wardrop deploy shop-prod shop-2.0"
        )
        assert world.ledger.environments.read("shop-prod").deployments == []

    def test_if_two_environments_become_good_at_once_one_sees_the_other(self, world):
        """The condition on the standing of the other environment fails. The next look promotes the version."""
        stage = ["shop-staging", "shop-worker"]
        world.drop(promotes=True, stage=stage)
        [mine] = world.active
        other = world.ledger.environments.read("shop-worker").standing
        worker = queued("w-1", environment="shop-worker")
        world.ledger.write(Change([worker]))
        world.ledger.write(
            Change(
                [world.ledger.environments.read("shop-worker").deployments[0]],
                standing=replace(other, good=[good(NEW)]),
            )
        )
        ended = replace(mine, state=State.DEPLOYING).moved(State.SUCCEEDED, "good", NOW)
        with pytest.raises(Outdated):
            world.ledger.write(Change([ended], unchanged=[other]))
        assert world.active == [mine]
