"""The rollback of a bad version: the step after the failure, and the update that deploys a good version."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.samples import (
    NEW,
    NOW,
    OLD,
    SETTLE,
    THEIR_REQUEST,
    completed,
    deploying,
    deployment_settings,
    event,
    fleet,
    good,
    instance,
    queued,
    rollback,
    rolling_back,
    seconds,
    situation,
    standing,
    started,
    update,
)
from wardrop.configuration.rules import OnFailure, Rules
from wardrop.deployments.asked import Asked
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.prove import prove
from wardrop.deployments.replacement import BundleFiles
from wardrop.deployments.situation import Need
from wardrop.deployments.standing import QuarantinedVersion
from wardrop.deployments.state import State, WaitKind, WaitsFor
from wardrop.deployments.steps import Deploy, End, RollBack, Step, Wait
from wardrop.deployments.taking_back import after_failure, needs, redeploy_target
from wardrop.deployments.verdict import Bad
from wardrop.environments.fleet import BASIC_HEALTH
from wardrop.guard.proposal import Proposal

FAILED = "Failed to deploy application."
COMMAND_FAILED = "Unsuccessful command execution on instance id(s) 'i-1'. Aborting the operation."
HOLD = Rules(on_failure=OnFailure.HOLD)
REQUESTED = Asked(by="jane", at=NOW, rollback=True)
HANGS = (
    "The following instances have not responded in the allowed command timeout time (they might still finish "
    "eventually on their own): [i-1, i-2]."
)
OLD_FLEET = fleet(instance(1, OLD), instance(2, OLD))


def failure(message: str = COMMAND_FAILED) -> list:
    return [started(), event(message, severity="ERROR"), event(FAILED, severity="ERROR")]


REPORTED_SINCE = {"updated_at": NOW - timedelta(seconds=60)}
"""The instances' reports are certainly from after the update."""


def broken(deployment: Deployment, **differs) -> Step:
    """The deployment failed in the middle: one instance has the new version, and one has the old version."""
    plain = {
        "events": failure(),
        "fleet": fleet(instance(1, NEW, "Failed"), instance(2, OLD)),
        "standing": standing(good()),
        "version_label": OLD,
        "updated_at": NOW,
    }
    return prove(situation(deployment, **(plain | differs)))


class TestAfterAFailure:
    def test_a_version_that_failed_half_way_is_rolled_back_to_the_good_one(self):
        step = broken(deploying())
        assert isinstance(step, RollBack)
        assert [target.label for target in step.targets] == [OLD]
        assert step.quarantine

    def test_a_version_that_beanstalk_has_put_back_itself_is_not_deployed_again(self):
        step = broken(deploying(), fleet=OLD_FLEET, **REPORTED_SINCE)
        assert isinstance(step, End)
        assert (step.state, step.quarantine) == (State.ROLLED_BACK, True)
        assert "there is nothing to roll back" in step.reason

    def test_if_all_instances_run_the_version_from_before_it_need_not_have_been_good(self):
        step = broken(deploying(), fleet=OLD_FLEET, standing=standing(good("shop-0.9")), **REPORTED_SINCE)
        assert isinstance(step, End)
        assert step.state is State.ROLLED_BACK
        assert step.reason.endswith("; all instances run shop-1.0, so there is nothing to roll back")

    def test_reports_that_may_be_from_before_the_update_do_not_show_what_the_instances_run(self):
        soon = {"updated_at": NOW - timedelta(seconds=59)}
        assert broken(deploying(), events=failure(COMMAND_FAILED), fleet=OLD_FLEET, **soon) == Wait(
            "Unsuccessful command execution on instance id(s) 'i-1'; of 2 instances, 2 have shop-1.0; all instances "
            "report shop-1.0, but perhaps these reports are from before the update; Wardrop waits for newer reports",
            WaitsFor(WaitKind.PROOF),
        )
        short = broken(deploying(), fleet=OLD_FLEET, settle=timedelta(seconds=3), updated_at=NOW - timedelta(seconds=3))
        assert isinstance(short, End)

    def test_an_instance_that_has_just_been_launched_does_not_hide_the_version_from_before(self):
        launched = instance(3, None, None, deployment_id=0)
        restored = fleet(instance(1, OLD), instance(2, OLD), launched)
        assert isinstance(broken(deploying(), fleet=restored, **REPORTED_SINCE), End)
        assert isinstance(broken(deploying(), fleet=fleet(launched), **REPORTED_SINCE), RollBack)

    def test_instances_that_have_not_finished_do_not_run_the_version_from_before(self):
        back = fleet(instance(1, OLD), instance(2, OLD, "In Progress"))
        assert isinstance(broken(deploying(), fleet=back), RollBack)

    def test_instances_that_run_an_older_good_version_are_rolled_back_to_the_newest(self):
        older = fleet(instance(1, "shop-0.9"), instance(2, "shop-0.9"))
        step = broken(deploying(), fleet=older, standing=standing(good(), good("shop-0.9")))
        assert isinstance(step, RollBack)
        assert step.targets[0].label == OLD

    def test_without_an_update_only_the_newest_good_version_counts_as_the_one_from_before(self):
        bad, never_updated = Bad("the check failed"), deploying(update=None)
        shown = situation(never_updated, fleet=OLD_FLEET, standing=standing(good()))
        assert after_failure(shown, bad).state is State.ROLLED_BACK
        assert isinstance(after_failure(replace(shown, standing=standing(good("shop-0.9"))), bad), RollBack)

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
    def test_without_a_version_that_was_good_here_it_fails(self, known):
        step = broken(deploying(), standing=known)
        assert isinstance(step, End)
        assert (step.state, step.quarantine) == (State.FAILED, True)

    def test_another_version_of_the_same_platform_branch_is_good_enough(self):
        before, now = (f"arn:aws:elasticbeanstalk:::platform/Tomcat 11/{version}" for version in ("5.6.0", "5.7.0"))
        assert isinstance(broken(deploying(), standing=standing(good(platform=before)), platform=now), RollBack)

    def test_the_newest_good_version_comes_first(self):
        step = broken(deploying(), standing=standing(good("shop-1.5"), good(OLD)))
        assert isinstance(step, RollBack)
        assert [target.label for target in step.targets] == ["shop-1.5", OLD]

    def test_on_failure_hold_does_not_roll_back(self):
        step = broken(deploying(rules=Rules(on_failure=OnFailure.HOLD)))
        assert isinstance(step, End)
        assert step.state is State.FAILED
        assert "the version is not rolled back, because on_failure is hold" in step.reason

    def test_a_requested_rollback_is_not_rolled_back(self):
        asked = Asked(by="jane", at=NOW, rollback=True)
        step = broken(deploying(asked=asked), standing=standing(good("shop-0.9")))
        assert isinstance(step, End)
        assert step.state is State.FAILED

    @pytest.mark.parametrize(
        ("message", "quarantine"),
        [
            (COMMAND_FAILED, True),
            ("Instance id(s) 'i-1' did not pass health check after command execution. Aborting the operation.", True),
            ("Instance deployment failed to download the source bundle.", False),
            ("Service:AmazonCloudFormation, Message:User: x is not authorized to perform: y", False),
            ("The following instances have not responded in the allowed command timeout time: [i-1].", False),
        ],
    )
    def test_only_a_version_that_an_instance_ran_is_quarantined(self, message, quarantine):
        mixed = fleet(instance(1, OLD), instance(2, NEW))
        step = broken(deploying(), events=failure(message), fleet=mixed)
        assert isinstance(step, RollBack)
        assert step.quarantine is quarantine

    def test_the_version_that_somebody_else_deployed_after_the_failure_is_not_undone(self):
        theirs = started(NOW - timedelta(minutes=1), THEIR_REQUEST)
        running = fleet(instance(1, "theirs-1"), instance(2, "theirs-1"))
        step = broken(deploying(), events=[*failure(), theirs], fleet=running, version_label="theirs-1")
        assert isinstance(step, End)
        assert (step.state, step.quarantine) == (State.SUPERSEDED, True)
        assert step.reason.endswith("; somebody else then deployed theirs-1")

    def test_several_versions_that_somebody_else_deployed_are_all_named(self):
        theirs = started(NOW - timedelta(minutes=1), THEIR_REQUEST)
        running = fleet(instance(1, "theirs-1", deployment_id=9), instance(2, "theirs-2", deployment_id=10))
        step = broken(deploying(), events=[*failure(), theirs], fleet=running, version_label="theirs-2")
        assert step.reason.endswith("; somebody else then deployed theirs-1, theirs-2")

    def test_a_bad_version_that_an_instance_still_runs_is_rolled_back_although_somebody_else_deployed(self):
        theirs = started(NOW - timedelta(minutes=1), THEIR_REQUEST)
        mixed = fleet(instance(1, NEW, "Failed"), instance(2, "theirs-1", deployment_id=9))
        step = broken(deploying(), events=[*failure(), theirs], fleet=mixed, version_label=OLD)
        assert isinstance(step, RollBack)

    def test_the_label_shows_a_successful_deployment_by_somebody_else_before_the_instances_report_it(self):
        theirs = started(NOW - timedelta(minutes=1), THEIR_REQUEST)
        earlier = fleet(instance(1, NEW, "Failed"), instance(2, OLD))
        step = broken(deploying(), events=[*failure(), theirs], fleet=earlier, version_label="theirs-1")
        assert (type(step), step.state) == (End, State.SUPERSEDED)
        assert step.reason.endswith("; somebody else then deployed theirs-1")

    def test_a_version_that_was_deployed_again_and_is_bad_now_is_rolled_back_although_all_instances_ran_it_before(self):
        again = deploying(update=update(version_label=NEW))
        step = broken(again, fleet=fleet(instance(1, NEW), instance(2, NEW)), version_label=NEW)
        assert isinstance(step, RollBack)

    def test_settings_that_somebody_else_changed_do_not_prevent_a_rollback(self):
        theirs = started(NOW - timedelta(minutes=1), THEIR_REQUEST)
        assert isinstance(broken(deploying(), events=[*failure(), theirs]), RollBack)


class TestPuttingBack:
    def back(self, **differs) -> Deployment:
        return rolling_back(update=None, rollback=rollback(**differs))

    def since(self, deployment: Deployment, *instances, label: str = OLD) -> Step:
        """The environment was updated a minute after the version was found to be bad."""
        return redeploy_target(situation(deployment, fleet=fleet(*instances), version_label=label, updated_at=NOW))

    def test_the_good_version_is_deployed_when_the_environment_is_ready(self):
        reason = "shop-staging is Updating; Wardrop waits until it is Ready"
        waits_for = WaitsFor(WaitKind.NOT_READY, "Updating")
        assert redeploy_target(situation(self.back(), status="Updating")) == Wait(reason, waits_for)
        step = redeploy_target(situation(self.back(), settings=deployment_settings()))
        assert step == Deploy("shop-staging is Ready: shop-1.0 replaces shop-1.0")

    def test_another_version_that_somebody_deployed_in_the_meantime_is_not_undone(self):
        back = self.back(environment_updated_at=NOW - seconds(60))
        step = self.since(back, instance(1, "theirs"), label="theirs")
        assert isinstance(step, End)
        assert step.state is State.SUPERSEDED

    def test_an_update_that_reached_no_instance_is_not_a_deployment(self):
        """The update may be our own first call, whose answer was lost."""
        found_bad = rollback(environment_updated_at=NOW - seconds(60), deployment_id=8)
        back = rolling_back(update=None, label="never-ran", rollback=found_bad)
        mixed = [instance(1, OLD), instance(2, NEW, "Failed")]
        assert isinstance(self.since(back, *mixed), Deploy)
        assert isinstance(self.since(back, *mixed, instance(3, "theirs", deployment_id=9)), End)

    def test_an_instance_without_a_version_shows_no_deployment(self):
        """Auto Scaling may have launched it."""
        found_bad = rollback(environment_updated_at=NOW - seconds(60), deployment_id=8)
        back = rolling_back(update=None, label="never-ran", rollback=found_bad)
        fresh = instance(3, None, None, deployment_id=0)
        assert isinstance(self.since(back, instance(1, OLD), instance(2, NEW, "Failed"), fresh), Deploy)

    @pytest.mark.parametrize("label", [OLD, "before"])
    def test_nothing_is_deployed_if_an_update_has_brought_a_version_from_before_to_all_instances(self, label):
        back = self.back(environment_updated_at=NOW - seconds(60), deployment_id=8, version_label="before")
        step = self.since(back, instance(1, label, deployment_id=9), instance(2, label, deployment_id=9), label=label)
        reason = f"the command failed; all instances run {label}, so there is nothing to roll back"
        assert step == End(State.ROLLED_BACK, reason)
        one = self.since(back, instance(1, label, deployment_id=9), instance(2, deployment_id=9), label=label)
        assert isinstance(one, Deploy)

    def test_a_recreated_environment_is_not_rolled_back(self):
        step = redeploy_target(situation(self.back(target=good(environment_id="e-0"))))
        assert step == End(State.SUPERSEDED, "shop-staging was recreated before shop-2.0 was rolled back")

    def test_it_needs_the_environment_as_it_is_now(self):
        assert needs(situation(self.back())) == Need.CURRENT_ENVIRONMENT | Need.INSTANCES | Need.SETTINGS
        assert needs(situation(self.back(), status="Updating")) is Need.NOTHING


class TestAFailedRollback:
    def test_a_mixed_fleet_is_not_a_rollback(self):
        back = rolling_back(update=update(claimed_at=NOW - SETTLE * 2))
        settled = [started(), completed(NOW - SETTLE)]
        mixed = fleet(instance(1, OLD), instance(2))
        step = broken(back, events=settled, fleet=mixed, updated_at=settled[-1].at)
        assert isinstance(step, End)
        assert step.state is State.ROLLBACK_FAILED

    def test_a_rollback_that_fails_is_not_rolled_back_again(self):
        step = broken(rolling_back(), standing=standing(good("shop-0.9"), good(OLD)))
        assert isinstance(step, End)
        assert (step.state, step.quarantine) == (State.ROLLBACK_FAILED, False)
        assert step.reason.startswith("the command failed; the rollback to shop-1.0 failed too: Unsuccessful command")

    def test_it_ends_with_the_advice_to_replace_the_instances_whose_commands_hang(self):
        step = broken(rolling_back(), events=[event(HANGS, severity="WARN"), *failure()])
        assert isinstance(step, End)
        assert step.state is State.ROLLBACK_FAILED
        assert "i-1, i-2 did not respond to the command in time" in step.reason
        assert step.reason.endswith("Terminate them, so that Auto Scaling launches new instances")

    @pytest.mark.parametrize(
        ("count", "named", "pronoun"),
        [
            (1, "i-1", "it"),
            (10, "i-1, i-2, i-3, i-4, i-5, i-6, i-7, i-8, i-9, i-10", "them"),
            (11, "i-1, i-2, i-3, i-4, i-5, i-6, i-7, i-8, i-9, i-10 and 1 more", "them"),
        ],
    )
    def test_the_advice_names_at_most_ten_instances(self, count, named, pronoun):
        hangs = HANGS.replace("i-1, i-2", ", ".join(f"i-{number}" for number in range(1, count + 1)))
        reason = broken(rolling_back(), events=[event(hangs, severity="WARN"), *failure()]).reason
        assert f"; {named} did not respond to the command in time. If commands hang" in reason
        assert reason.endswith(f"Terminate {pronoun}, so that Auto Scaling launches new instances")

    def test_another_failure_gives_no_advice_on_instances(self):
        step = broken(rolling_back(), events=[event(HANGS, request_id=THEIR_REQUEST, severity="WARN"), *failure()])
        assert isinstance(step, End)
        assert "terminate" not in step.reason

    def test_a_recreated_environment_ends_it(self):
        step = broken(rolling_back(), id="e-9")
        assert isinstance(step, End)
        assert step.state is State.ROLLBACK_FAILED


def test_the_target_of_a_deployment_is_its_own_version_until_it_is_rolled_back():
    assert queued().target_label == NEW
    assert rolling_back().target_label == OLD


class TestTheSteps:
    """Compares complete steps, because people read the reason."""

    @pytest.mark.parametrize(
        ("deployment", "known", "why"),
        [
            (deploying(rules=HOLD), [good()], "the version is not rolled back, because on_failure is hold"),
            (deploying(asked=REQUESTED), [good()], "Wardrop does not roll back a rollback that a user requested"),
            (deploying(), [], "Wardrop knows no good version to roll back to"),
        ],
    )
    def test_the_end_says_why_there_is_no_rollback(self, deployment, known, why):
        step = broken(deployment, standing=standing(*known))
        assert (type(step), step.state) == (End, State.FAILED)
        assert step.reason.split("; ")[-1] == why

    def test_somebody_elses_deployment_in_the_meantime_is_named(self):
        later = {"updated_at": NOW + seconds(60), "version_label": "shop-9"}
        theirs = fleet(instance(1, "shop-9", deployment_id=9), instance(2, None))
        assert redeploy_target(situation(rolling_back(update=None), fleet=theirs, **later)) == End(
            State.SUPERSEDED, "somebody else deployed shop-9 before shop-2.0 was rolled back"
        )

    def test_two_versions_in_the_meantime_are_both_named(self):
        later = {"updated_at": NOW + seconds(60), "version_label": "shop-9"}
        theirs = fleet(instance(1, "shop-8", deployment_id=9), instance(2, "shop-9", deployment_id=9))
        step = redeploy_target(situation(rolling_back(update=None), fleet=theirs, **later))
        assert step == End(State.SUPERSEDED, "somebody else deployed shop-8, shop-9 before shop-2.0 was rolled back")

    def test_a_version_that_still_runs_on_an_instance_is_rolled_back_in_spite_of_somebody_elses_deployment(self):
        later = {"updated_at": NOW + seconds(60), "version_label": OLD}
        mixed = fleet(instance(1), instance(2, "shop-9", deployment_id=9))
        assert isinstance(redeploy_target(situation(rolling_back(update=None), fleet=mixed, **later)), Deploy)

    def test_somebody_elses_success_counts_before_the_instances_report_it(self):
        later = {"updated_at": NOW + seconds(60), "version_label": "shop-9"}
        step = redeploy_target(situation(rolling_back(update=None), fleet=fleet(instance(1), instance(2)), **later))
        assert step == End(State.SUPERSEDED, "somebody else deployed shop-9 before shop-2.0 was rolled back")

    def test_with_basic_health_the_label_of_the_environment_shows_somebody_elses_deployment(self):
        later = {"updated_at": NOW + seconds(60), "version_label": "shop-9", "reports_instances": False}
        step = redeploy_target(situation(rolling_back(update=None), fleet=BASIC_HEALTH, **later))
        assert step == End(State.SUPERSEDED, "somebody else deployed shop-9 before shop-2.0 was rolled back")

    @pytest.mark.parametrize("label", [NEW, OLD, "before"])
    def test_with_basic_health_a_change_of_settings_does_not_prevent_the_rollback(self, label):
        later = {"updated_at": NOW + seconds(60), "version_label": label, "reports_instances": False}
        back = rolling_back(update=None, rollback=rollback(version_label="before"))
        assert isinstance(redeploy_target(situation(back, fleet=BASIC_HEALTH, **later)), Deploy)

    def test_an_environment_that_was_not_updated_since_shows_nobody_elses_deployment(self):
        theirs = fleet(instance(1, "shop-9", deployment_id=9))
        step = redeploy_target(
            situation(rolling_back(update=None), fleet=theirs, updated_at=NOW, version_label="shop-9")
        )
        assert isinstance(step, Deploy)

    def test_the_effect_of_the_bundles_settings_is_a_part_of_the_reason(self):
        step = redeploy_target(
            situation(rolling_back(update=None), files=BundleFiles(Proposal(unread=("x",)), {OLD: None}))
        )
        assert isinstance(step, Deploy)
        assert step.reason == f"shop-staging is Ready: shop-1.0 replaces shop-1.0; {step.replacement.sentence}"
