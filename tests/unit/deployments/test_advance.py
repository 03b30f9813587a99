"""A look at an environment: its reads, its writes before and after the call, and the state after a crash."""

import msgspec
import pytest

from tests.unit.deployments.world import DeploymentWorld
from tests.unit.samples import (
    NEW,
    NOW,
    OLD,
    OUR_REQUEST,
    SETTLE,
    THEIR_REQUEST,
    completed,
    environment,
    instance,
    queued,
    release,
    reserve,
    started,
    version,
)
from tests.unit.world import Crash, once
from wardrop.aws.bundles import BundleAccess
from wardrop.configuration.rules import Rules
from wardrop.deployments import freshness
from wardrop.deployments.asked import Asked
from wardrop.deployments.change import Change
from wardrop.deployments.state import State
from wardrop.deployments.steps import Adopt, AskApproval, Deploy, End, Prepare, Recheck, Report, Requeue, Wait
from wardrop.environments.model import Health, Progress
from wardrop.environments.settings import COMMAND
from wardrop.errors import NotNow, Outdated, Refused


@pytest.fixture
def world() -> DeploymentWorld:
    return DeploymentWorld()


class TestADeploymentThatSucceeds:
    def test_a_drop_is_claimed_deployed_proven_and_recorded_as_good(self, world):
        world.has_proven()
        world.drop()
        world.shows(instance(1, OLD))
        assert isinstance(world.look().step, Deploy)
        assert world.beanstalk.updates == [("e-1", NEW)]
        [running] = world.active
        assert (running.state, running.update.request_id) == (State.DEPLOYING, OUR_REQUEST)
        assert running.update.deployment_id == 7
        assert running.update.version_label == OLD

        world.shows(status="Updating")
        assert isinstance(world.look(after=30).step, Wait)

        world.done()
        end = world.look(after=60).step
        assert isinstance(end, End)
        assert (world.active, [one.state for one in world.ended]) == ([], [State.SUCCEEDED])
        standing = world.environment().standing
        assert [one.label for one in standing.good] == [NEW, OLD], "the version that ran before is adopted as good"
        assert standing.newest == queued().arrival
        assert sorted(world.alert_kinds) == ["deployment_started", "deployment_succeeded"]
        assert [moment.state for moment in world.ended[0].history] == [
            State.QUEUED,
            State.DEPLOYING,
            State.SUCCEEDED,
        ]

    def test_the_history_says_if_the_version_that_ran_before_may_not_be_deployable_again(self, world):
        world.bundles.access_to_others = BundleAccess.DENIED
        world.beanstalk.created["theirs-1"] = NOW
        world.drop()
        world.shows(instance(1, "theirs-1"), version_label="theirs-1")
        world.look()
        [running] = world.active
        assert "cannot tell whether a rollback to theirs-1 is possible" in running.history[-1].reason

    def test_a_version_that_is_proven_again_is_recorded_once(self, world):
        for name in ("d-1", "d-2"):
            world.drop(name)
            world.look()
            world.done()
            world.look(after=60)
        assert [one.label for one in world.environment().standing.good] == [NEW]

    def test_a_failed_deployment_is_recorded_as_failed_and_not_as_good(self, world):
        world.has_proven()
        world.drop()
        world.look()
        world.shows(instance(1, "shop-0.9"), updated_at=NOW)
        world.beanstalk.event_log = [started(NOW), completed(NOW)]
        world.look(after=SETTLE.total_seconds())
        assert [one.state for one in world.ended] == [State.FAILED]
        assert world.environment().standing.good == []
        assert sorted(world.alert_kinds) == ["deployment_failed", "deployment_started"]

    def test_unacceptable_health_is_remembered_from_look_to_look(self, world):
        world.drop()
        world.look()
        world.done()
        world.shows(instance(1), version_label=NEW, updated_at=NOW, health=Health.SEVERE)
        steps = [world.look(after=90).step for _ in range(3)]
        assert [type(step) for step in steps] == [Recheck, Recheck, End]
        assert world.ended[0].state is State.FAILED


class TestOneAtATime:
    def test_the_newest_waiting_drop_is_deployed_and_the_others_end_superseded(self, world):
        for minutes, name in enumerate(["d-1", "d-2", "d-3"]):
            world.drop(name, f"shop-{minutes}", minutes)
        assert world.look().label == "shop-2"
        assert {one.id: one.state for one in world.ended} == {"d-1": State.SUPERSEDED, "d-2": State.SUPERSEDED}
        assert world.alert_kinds.count("deployment_superseded") == 2

    def test_a_drop_that_comes_during_a_deployment_waits_and_is_woken_after_it(self, world):
        world.drop("d-1", OLD)
        world.look()
        world.drop("d-2", NEW, minutes=1)
        world.shows(status="Updating")
        world.look(after=30)
        assert len(world.beanstalk.updates) == 1
        world.shows(instance(1, OLD), version_label=OLD, updated_at=world.now)
        world.beanstalk.event_log = [started(world.now), completed(world.now)]
        world.look(after=30)
        assert [(one.environment, one.cause) for one in world.mailbox.woken] == [("shop-staging", "after/d-1")]
        assert isinstance(world.look().step, Deploy)
        assert world.beanstalk.updates[-1] == ("e-1", NEW)

    def test_a_drop_that_was_uploaded_before_the_deployed_one_never_starts(self, world):
        world.drop("d-2", NEW, minutes=5)
        world.look()
        world.done()
        world.look(after=60)
        world.drop("d-1", OLD, minutes=1)
        assert world.look().step is None
        assert world.ended[-1].id == "d-1"
        assert world.ended[-1].state is State.SUPERSEDED
        assert len(world.beanstalk.updates) == 1


class TestWaiting:
    def test_people_are_notified_once_of_what_it_waits_for(self, world):
        world.drop()
        world.shows(status="Updating")
        for _ in range(3):
            assert isinstance(world.look(after=60).step, Wait)
        assert sorted(world.alert_kinds) == ["deployment_waiting"]
        assert world.active[0].reason == "shop-staging is Updating; Wardrop waits until it is Ready"

    def test_progress_is_reported_when_it_changes_and_a_throttled_call_does_no_harm(self, world):
        world.drop()
        world.shows()
        world.look()
        fleet = [instance(1, NEW), instance(2, OLD), instance(3, OLD)]
        world.shows(*fleet, status="Updating")
        assert world.look(after=30).step == Report(
            Progress(done=1, instances=3), "shop-staging is Updating; of 3 instances, 1 has shop-2.0, 2 have shop-1.0"
        )
        assert isinstance(world.look(after=30).step, Wait)
        world.shows(fleet[0], instance(2, NEW), fleet[2], status="Updating")
        world.look(after=30)
        assert world.active[0].update.progress == Progress(done=2, instances=3)
        assert world.alert_kinds.count("deployment_progressed") == 2

        world.beanstalk.throttled = True
        assert isinstance(world.look(after=30).step, Wait)

    def test_a_wake_up_that_changes_nothing_makes_few_calls(self, world):
        assert world.look().step is None
        assert world.calls == ["ledger.environments.read"]

        world.drop()
        world.shows(status="Updating")
        world.look()
        world.look()
        assert world.calls == ["ledger.environments.read", "beanstalk.environments"]

        world.shows()
        world.look()
        world.shows(status="Updating")
        world.look(after=30)
        assert world.calls == ["ledger.environments.read", "beanstalk.environments", "beanstalk.instances"]
        world.look(world.snapshot(status="Updating"))
        assert world.calls == ["ledger.environments.read", "beanstalk.instances"]
        world.look(world.snapshot(status="Updating", reports_instances=False))
        assert world.calls == ["ledger.environments.read"]

    def test_an_environment_of_a_wake_up_counts_only_while_it_is_fresh(self, world):
        world.drop()
        world.look()
        world.look(world.snapshot(freshness.ENVIRONMENT.total_seconds() + 1, status="Updating"))
        assert "beanstalk.environments" in world.calls

    def test_of_several_wake_ups_the_most_recent_environment_counts(self, world):
        world.drop()
        world.look()
        world.done()
        stale, fresh = world.snapshot(5, status="Updating"), world.snapshot(1, version_label=NEW, updated_at=world.now)
        assert isinstance(world.look(fresh, stale).step, End)

    def test_an_environment_that_was_read_before_the_claim_does_not_count_after_it(self, world):
        world.drop()
        world.look()
        before = world.snapshot(2)
        world.shows(status="Updating")
        world.look(before, after=1)
        assert "beanstalk.environments" in world.calls

    def test_a_deployment_never_starts_from_the_environment_of_a_wake_up(self, world):
        world.drop()
        world.shows(status="Updating")
        assert isinstance(world.look(world.snapshot(status="Ready")).step, Wait)
        assert world.beanstalk.updates == []


class TestTheCall:
    def test_the_claim_is_written_before_the_call(self, world):
        world.drop()
        world.beanstalk.answer = Crash()
        with pytest.raises(Crash):
            world.look()
        [claimed] = world.active
        assert (claimed.state, claimed.update.request_id) == (State.DEPLOYING, None)

    def test_a_declined_call_is_queued_again_and_tried_later(self, world):
        world.drop()
        world.beanstalk.answer = NotNow("Must be Ready.")
        with pytest.raises(NotNow):
            world.look()
        [waiting] = world.active
        assert (waiting.state, waiting.update) == (State.QUEUED, None)
        world.beanstalk.answer = OUR_REQUEST
        assert isinstance(world.look(after=60).step, Deploy)

    def test_a_call_that_is_throttled_again_and_again_is_reported_once(self, world):
        world.has_proven()
        world.drop()
        world.beanstalk.answer = NotNow("Rate exceeded")
        for _ in range(3):
            with pytest.raises(NotNow):
                world.look(after=60)
        assert sorted(world.alert_kinds) == ["deployment_waiting"]
        assert [moment.reason for moment in world.active[0].history][-1] == "Rate exceeded"
        assert len(world.active[0].history) == 2

    def test_a_refused_call_fails_with_the_words_of_beanstalk(self, world):
        world.drop()
        world.beanstalk.answer = Refused("No Application Version named 'shop-2.0' found.")
        world.look()
        [ended] = world.ended
        assert ended.state is State.FAILED
        assert ended.reason == "Beanstalk refused: No Application Version named 'shop-2.0' found."
        assert world.active == []

    def test_a_bundle_that_has_changed_is_never_deployed(self, world):
        world.drop()
        world.bundles.fault = "its bundle has been overwritten"
        world.look()
        assert world.beanstalk.updates == []
        assert world.ended[0].reason == f"{NEW} cannot be deployed: its bundle has been overwritten"

    def test_an_environment_that_stays_absent_fails_the_deployment(self, world):
        world.drop()
        world.beanstalk.described.clear()
        assert isinstance(world.look().step, Recheck)
        world.look(after=900)
        assert world.ended[0].state is State.FAILED

    def test_an_environment_that_is_absent_for_a_while_fails_nothing(self, world):
        world.drop()
        shown = dict(world.beanstalk.described)
        world.beanstalk.described.clear()
        world.look()
        world.beanstalk.described.update(shown)
        world.shows(status="Updating")
        world.look(after=60)
        assert world.active[0].timers.absent_since is None

    def test_the_bundle_of_a_requested_version_is_always_compared(self, world):
        request = queued(minutes=-600, drop=None, asked=Asked(by="jane", at=NOW))
        world.ledger.write(Change([request]))
        world.beanstalk.has_our_bundle = False
        world.look()
        assert world.beanstalk.updates == []
        assert "does not list version shop-2.0 with its bundle" in world.ended[0].reason

    def test_a_version_that_was_recreated_in_beanstalk_while_ours_waited_is_not_deployed(self, world):
        world.drop()
        world.beanstalk.has_our_bundle = False
        world.look(after=3600)
        assert world.beanstalk.updates == []
        assert "does not list version shop-2.0 with its bundle" in world.ended[0].reason


class TestACrashBetweenClaimAndAnswer:
    @pytest.fixture
    def crashed(self, world) -> DeploymentWorld:
        world.drop()
        world.shows(instance(1, OLD))
        world.beanstalk.answer = Crash()
        with pytest.raises(Crash):
            world.look()
        world.beanstalk.answer = OUR_REQUEST
        return world

    def test_an_update_that_has_started_is_adopted_and_not_started_again(self, crashed):
        crashed.shows(instance(1), status="Updating")
        crashed.beanstalk.event_log = [started(NOW)]
        assert isinstance(crashed.look(after=30).step, Adopt)
        crashed.done()
        assert isinstance(crashed.look(after=60).step, End)
        assert crashed.ended[0].state is State.SUCCEEDED
        assert len(crashed.beanstalk.updates) == 1

    def test_an_update_that_has_not_started_is_called_again_after_two_minutes(self, crashed):
        assert isinstance(crashed.look(after=60).step, Wait)
        assert isinstance(crashed.look(after=61).step, Requeue)
        assert isinstance(crashed.look().step, Deploy)
        assert len(crashed.beanstalk.updates) == 2

    def test_somebody_elses_update_is_waited_for_and_ours_comes_after_it(self, crashed):
        crashed.shows(instance(1, "shop-9", deployment_id=8), status="Updating")
        crashed.beanstalk.event_log = [started(NOW, THEIR_REQUEST)]
        assert isinstance(crashed.look(after=30).step, Requeue)
        assert isinstance(crashed.look(after=30).step, Wait)
        crashed.shows(instance(1, "shop-9", deployment_id=8), version_label="shop-9")
        assert isinstance(crashed.look(after=60).step, Deploy)

    def test_a_newer_drop_supersedes_one_whose_update_has_not_started(self, crashed):
        crashed.drop("d-2", "shop-3.0", minutes=1)
        crashed.look(after=121)
        assert crashed.look().label == "shop-3.0"
        assert crashed.ended[0].state is State.SUPERSEDED


class TestTwoAtOnce:
    def test_the_second_of_two_looks_stops_before_the_call(self, world):
        world.drop()
        world.after["ledger.environments.read"] = once(world.look)
        with pytest.raises(Outdated):
            world.look()
        assert len(world.beanstalk.updates) == 1

    def test_fields_of_a_newer_wardrop_survive_the_whole_life_of_a_deployment(self, world):
        world.drop()
        [there] = world.active
        world.ledger.write(Change([msgspec.structs.replace(there, unknown={"promoted_by": "prod"})]))
        world.look()
        world.done()
        world.look(after=60)
        assert world.ended[0].unknown["promoted_by"] == "prod"


class TestPreparing:
    def test_the_policy_is_changed_before_the_version_is_deployed(self, world):
        world.beanstalk.options = {(COMMAND, "DeploymentPolicy"): "AllAtOnce"}
        world.shows(instance(1, OLD), instance(2, OLD))
        world.drop()
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

    def test_an_assurance_rests_on_settings_that_are_read_as_the_deployment_starts(self, world):
        world.drop()
        world.look()
        world.done()
        world.look(after=60)
        world.beanstalk.described["shop-staging"] = environment(version_label=NEW)
        world.beanstalk.options[COMMAND, "BatchSize"] = "1"
        world.beanstalk.options[COMMAND, "BatchSizeType"] = "Fixed"
        world.drop("d-2", "shop-3", minutes=5)
        reserve(world.ledger, version("shop-3", release=release(sha256="3", key="shop/3")))
        world.look(after=1)
        assert "beanstalk.settings" in world.calls
        assert world.active[0].reason.endswith(
            "this takes the service down for a while: a batch of 1 contains all instances"
        )


class TestWaitingForPeople:
    @pytest.mark.parametrize("rules", [Rules(approval_required=True), Rules(freeze=["00:00 - 23:59"])])
    def test_a_deployment_that_waits_for_people_makes_no_call_to_beanstalk(self, world, rules):
        world.drop(rules=rules)
        step = world.look(world.snapshot()).step
        assert isinstance(step, AskApproval | Wait)
        assert world.look(world.snapshot()).step == step
        assert world.calls == ["ledger.environments.read"]
