"""Baking, and going back: what a version that proved good or bad leads to."""

from datetime import timedelta

import pytest

from tests.unit.samples import (
    NEW,
    NOW,
    OLD,
    SETTLE,
    THEIR_REQUEST,
    baking,
    completed,
    deploying,
    environment,
    event,
    good,
    instance,
    queued,
    rollback,
    rolling_back,
    seconds,
    standing,
    started,
    update,
)
from wardrop.configuration.duration import Duration
from wardrop.configuration.rules import OnFailure, Rules
from wardrop.deployments.deployment import Asked, Deployment, Moment, Timers, UnacceptableHealth
from wardrop.deployments.lifecycle import adopted, advance
from wardrop.deployments.standing import QuarantinedVersion, Standing
from wardrop.deployments.state import State
from wardrop.deployments.steps import Bake, Deploy, End, Recheck, RollBack, Step, Wait
from wardrop.environments.model import Health, Observed

FAILED = "Failed to deploy application."
COMMAND_FAILED = "Unsuccessful command execution on instance id(s) 'i-1'. Aborting the operation."
OVER = [started(), completed()]


def look(deployment: Deployment, events=OVER, instances=(), known: Standing | None = None, **shown) -> Step:
    seen = environment(**({"version_label": NEW, "updated_at": NOW} | shown))
    return advance(deployment, known or standing(good()), Observed(seen, events, instances), SETTLE, NOW)


def failing(message: str = COMMAND_FAILED) -> list:
    return [started(), event(message, severity="ERROR"), event(FAILED, severity="ERROR")]


def broken(deployment: Deployment, **more) -> Step:
    """Beanstalk gave up in the middle: one instance has the new version, one the old one."""
    fleet = [instance(1, NEW, "Failed"), instance(2, OLD)]
    return look(deployment, failing(), fleet, **({"version_label": OLD} | more))


WELL = [instance(1), instance(2)]


class TestBaking:
    def test_what_is_live_has_to_stay_well_first(self):
        found = look(deploying(rules=Rules()), instances=WELL)
        assert isinstance(found, Bake)
        assert "has to stay so for 2 min" in found.reason

    def test_without_baking_it_succeeds_at_once(self):
        found = look(deploying(rules=Rules(bake=Duration(0))), instances=WELL)
        assert isinstance(found, End)
        assert found.state is State.SUCCEEDED

    def test_well_for_long_enough_is_good(self):
        found = look(baking(timers=Timers(good_since=NOW - timedelta(minutes=2))), instances=WELL)
        assert found == End(State.SUCCEEDED, "all 2 instances run shop-2.0 and health is Ok, for 2 min")

    def test_until_then_it_bakes_on(self):
        assert look(baking(), instances=WELL) == Recheck(
            "all 2 instances run shop-2.0 and health is Ok", Timers(good_since=NOW - timedelta(minutes=1))
        )

    @pytest.mark.parametrize(
        "shown",
        [{"health": Health.WARNING}, {"health": Health.PENDING}, {"health": Health.SEVERE}, {"status": "Updating"}],
    )
    def test_whatever_interrupts_it_begins_the_time_anew(self, shown):
        found = look(baking(timers=Timers(good_since=NOW - timedelta(minutes=2))), instances=WELL, **shown)
        assert isinstance(found, Recheck)
        assert found.timers.good_since is None

    def test_health_that_stays_bad_while_it_bakes_takes_it_back(self):
        unacceptable = UnacceptableHealth(since=NOW - timedelta(minutes=3), looks=2)
        ill = baking(timers=Timers(unacceptable=unacceptable))
        found = look(ill, [started(), completed(NOW - SETTLE)], WELL, health=Health.SEVERE, updated_at=NOW - SETTLE)
        assert isinstance(found, RollBack)
        assert found.quarantine

    def test_another_version_that_somebody_deploys_meanwhile_ends_it_without_a_rollback(self):
        theirs = [*OVER, started(NOW, THEIR_REQUEST), completed(NOW, THEIR_REQUEST)]
        found = look(baking(), theirs, [instance(1, "theirs")], version_label="theirs")
        assert isinstance(found, End)
        assert found.state is State.SUPERSEDED


class TestGoingBack:
    def test_a_deploy_that_failed_half_way_goes_back_to_what_was_good(self):
        found = broken(deploying())
        assert isinstance(found, RollBack)
        assert [target.label for target in found.targets] == [OLD]
        assert found.quarantine

    def test_a_version_that_beanstalk_has_taken_back_itself_is_not_taken_back_again(self):
        found = look(deploying(), failing(), [instance(1, OLD), instance(2, OLD)], version_label=OLD)
        assert isinstance(found, End)
        assert (found.state, found.quarantine) == (State.ROLLED_BACK, True)
        assert "nothing to take back" in found.reason

    @pytest.mark.parametrize(
        "known",
        [
            standing(),
            standing(good(NEW)),
            standing(good(environment_id="e-0")),
            standing(good(platform="arn:aws:elasticbeanstalk:::platform/Tomcat 8.5/1.0")),
            standing(good(), quarantined=[QuarantinedVersion(label=OLD, at=NOW, because="it failed")]),
        ],
        ids=["nothing", "itself", "another-environment", "another-branch", "quarantined"],
    )
    def test_without_anything_that_was_good_here_it_fails(self, known):
        found = broken(deploying(), known=known)
        assert isinstance(found, End)
        assert (found.state, found.quarantine) == (State.FAILED, True)

    def test_another_version_of_the_same_platform_branch_is_good_enough(self):
        before, now = (f"arn:aws:elasticbeanstalk:::platform/Tomcat 11/{version}" for version in ("5.6.0", "5.7.0"))
        assert isinstance(broken(deploying(), known=standing(good(platform=before)), platform=now), RollBack)

    def test_the_newest_good_version_comes_first(self):
        found = broken(deploying(), known=standing(good("shop-1.5"), good(OLD)))
        assert isinstance(found, RollBack)
        assert [target.label for target in found.targets] == ["shop-1.5", OLD]

    def test_on_failure_hold_leaves_it_as_it_is(self):
        found = broken(deploying(rules=Rules(on_failure=OnFailure.HOLD)))
        assert isinstance(found, End)
        assert found.state is State.FAILED
        assert "it is left as it is" in found.reason

    def test_a_rollback_by_hand_is_not_taken_back(self):
        asked = Asked(by="jane", at=NOW, rollback=True)
        found = broken(deploying(asked=asked), known=standing(good("shop-0.9")))
        assert isinstance(found, End)
        assert found.state is State.FAILED

    @pytest.mark.parametrize(
        ("message", "blamed"),
        [
            (COMMAND_FAILED, True),
            ("Instance id(s) 'i-1' did not pass health check after command execution. Aborting the operation.", True),
            ("Instance deployment failed to download the source bundle.", False),
            ("Service:AmazonCloudFormation, Message:User: x is not authorized to perform: y", False),
            ("The following instances have not responded in the allowed command timeout time: [i-1].", False),
        ],
    )
    def test_only_what_an_instance_ran_is_quarantined(self, message, blamed):
        found = look(deploying(), failing(message), [instance(1, OLD), instance(2, NEW)], version_label=OLD)
        assert isinstance(found, RollBack)
        assert found.quarantine is blamed


class TestRollingBack:
    def test_the_good_version_is_deployed_once_the_environment_is_ready(self):
        back = rolling_back(update=None)
        assert look(back, status="Updating") == Wait("shop-staging is Updating; waiting until it is Ready")
        found = look(back, instances=[instance(1, NEW)], version_label=OLD)
        assert found == Deploy("shop-staging is Ready: shop-1.0 replaces shop-1.0")

    def test_it_gives_way_to_what_somebody_else_put_there_meanwhile(self):
        back = rolling_back(update=None, rollback=rollback(environment_updated_at=NOW - seconds(60)))
        found = look(back, instances=[instance(1, "theirs")], version_label="theirs")
        assert isinstance(found, End)
        assert found.state is State.SUPERSEDED

    def test_an_update_that_reached_no_instance_is_nothing_to_give_way_to(self):
        """Our own first try, maybe, whose answer was lost."""
        back = rolling_back(
            update=None, label="never-ran", rollback=rollback(environment_updated_at=NOW - seconds(60), deployment_id=8)
        )
        fleet = [instance(1, OLD), instance(2, NEW, "Failed")]
        assert isinstance(look(back, instances=fleet, version_label=OLD, updated_at=NOW), Deploy)
        theirs = [*fleet, instance(3, "theirs", deployment_id=9)]
        assert isinstance(look(back, instances=theirs, version_label=OLD, updated_at=NOW), End)
        unseen = [*fleet, instance(3, None, None, deployment_id=0)]
        assert isinstance(look(back, instances=unseen, version_label=OLD, updated_at=NOW), End)

    def test_it_is_over_when_all_instances_run_the_good_version(self):
        history = [Moment(NOW, State.ROLLING_BACK, "the command failed; going back to shop-1.0")]
        found = look(rolling_back(history=history), instances=[instance(1, OLD), instance(2, OLD)], version_label=OLD)
        assert isinstance(found, End)
        assert found.state is State.ROLLED_BACK
        assert found.reason.startswith("the command failed; going back to shop-1.0; shop-1.0 is back: all 2 instances")

    def test_a_mixed_fleet_is_no_rollback(self):
        back = rolling_back(update=update(claimed_at=NOW - SETTLE * 2))
        found = look(back, [started(), completed(NOW - SETTLE)], [instance(1, OLD), instance(2)], version_label=OLD)
        assert isinstance(found, End)
        assert found.state is State.ROLLBACK_FAILED

    def test_one_that_fails_is_not_rolled_back_again(self):
        found = broken(rolling_back(), known=standing(good("shop-0.9"), good(OLD)))
        assert isinstance(found, End)
        assert (found.state, found.quarantine) == (State.ROLLBACK_FAILED, False)

    def test_the_same_evidence_is_asked_of_it_as_of_a_deployment(self):
        assert isinstance(look(rolling_back(), [started()], [instance(1, OLD)], version_label=OLD), Wait)
        assert isinstance(look(rolling_back(), OVER, [], version_label=OLD), Wait)

    def test_an_environment_that_is_another_one_now_ends_it(self):
        found = look(rolling_back(), id="e-9")
        assert isinstance(found, End)
        assert found.state is State.ROLLBACK_FAILED


def test_a_waiting_deployment_knows_what_it_wants():
    assert queued().target_label == NEW
    assert rolling_back().target_label == OLD


class TestWhatSomebodyElseDeployed:
    def test_what_a_drop_finds_running_well_is_good_whoever_put_it_there(self):
        seen = Observed(environment(), (), [instance(1, OLD), instance(2, OLD)])
        assert adopted(queued(), standing(good("shop-0.9")), seen) == OLD
        assert adopted(queued(), standing(good(OLD)), seen) is None, "that is known"
        assert adopted(queued(asked=Asked(by="jane", at=NOW)), standing(good("shop-0.9")), seen) is None
        assert adopted(queued(asked=Asked(by="jane", at=NOW)), standing(), seen) == OLD

    @pytest.mark.parametrize(
        ("shown", "fleet"),
        [
            ({"health": Health.SEVERE}, [instance(1, OLD)]),
            ({"status": "Updating"}, [instance(1, OLD)]),
            ({}, [instance(1, OLD), instance(2, "shop-0.9")]),
            ({}, []),
            ({}, None),
        ],
    )
    def test_nothing_is_taken_as_good_that_does_not_run_well_on_every_instance(self, shown, fleet):
        assert adopted(queued(), standing(), Observed(environment(**shown), (), fleet)) is None

    def test_a_quarantined_version_is_not_taken_as_good(self):
        condemned = QuarantinedVersion(label=OLD, at=NOW, because="it failed")
        seen = Observed(environment(), (), [instance(1, OLD)])
        assert adopted(queued(), standing(quarantined=[condemned]), seen) is None

    def test_what_replaced_a_version_that_failed_is_not_undone(self):
        theirs = started(NOW - timedelta(minutes=1), THEIR_REQUEST)
        fleet = [instance(1, "theirs-1"), instance(2, "theirs-1")]
        found = look(deploying(), [*failing(), theirs], fleet, version_label="theirs-1")
        assert isinstance(found, End)
        assert (found.state, found.quarantine) == (State.SUPERSEDED, True)
        assert found.reason.endswith("; somebody else has deployed theirs-1 since")

    def test_somebody_elses_settings_do_not_keep_a_bad_version_from_being_taken_back(self):
        theirs = started(NOW - timedelta(minutes=1), THEIR_REQUEST)
        fleet = [instance(1, NEW, "Failed"), instance(2, OLD)]
        assert isinstance(look(deploying(), [*failing(), theirs], fleet, version_label=OLD), RollBack)

    def test_an_environment_that_was_made_anew_is_not_rolled_back(self):
        back = rolling_back(update=None, rollback=rollback(target=good(environment_id="e-0")))
        found = look(back, instances=[instance(1, OLD)], version_label=OLD)
        assert found == End(State.SUPERSEDED, "shop-staging was made anew before shop-2.0 was taken back")

    def test_where_everything_runs_as_before_nothing_is_deployed_good_or_not(self):
        found = look(
            deploying(), failing(), [instance(1, OLD), instance(2, OLD)], standing(good("shop-0.9")), version_label=OLD
        )
        assert isinstance(found, End)
        assert found.state is State.ROLLED_BACK
        assert found.reason.endswith("; all instances run shop-1.0, so there is nothing to take back")
