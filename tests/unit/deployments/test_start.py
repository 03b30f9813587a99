"""The start of a deployment: approval, settings first, and the versions that it adopts as good."""

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.samples import (
    APPROVAL,
    NEW,
    NOW,
    OLD,
    SETTLE,
    deploying,
    deployment_settings,
    environment,
    event,
    fleet,
    good,
    instance,
    queued,
    release,
    situation,
    standing,
    started,
    update,
)
from wardrop.configuration.rules import Rules
from wardrop.deployments.asked import Asked
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.recover import MOST_LOST_ANSWERS
from wardrop.deployments.replacement import NOT_READ, BundleFiles, ReplacementRecord
from wardrop.deployments.situation import Need
from wardrop.deployments.standing import Hold, QuarantinedVersion
from wardrop.deployments.start import adopted_label, after_preparing, needs, needs_when_prepared, start
from wardrop.deployments.state import State, WaitKind, WaitsFor
from wardrop.deployments.steps import AskApproval, Deploy, End, Prepare, Step, Wait
from wardrop.environments.fleet import BASIC_HEALTH
from wardrop.environments.model import Health
from wardrop.environments.option import OptionSetting
from wardrop.guard.proposal import Proposal

ROLLING = deployment_settings(policy="Rolling", batch="1")
ALL_AT_ONCE = deployment_settings()
REQUESTED = Asked(by="jane", at=NOW)
URGENT = Asked(by="jane", at=NOW, now=True)
ROLLBACK = Asked(by="jane", at=NOW, rollback=True)
CURRENT = Need.CURRENT_ENVIRONMENT | Need.INSTANCES


class TestStarting:
    def test_it_starts_when_the_environment_is_ready(self):
        assert start(situation(queued(), settings=ROLLING)) == Deploy(
            "shop-staging is Ready: shop-2.0 replaces shop-1.0; this keeps the service up: Rolling, 1 of 2 at a time"
        )

    def test_it_starts_if_the_environment_has_no_version_yet(self):
        step = start(situation(queued(), version_label=None))
        assert isinstance(step, Deploy)
        assert step.reason.startswith("shop-staging is Ready: shop-2.0 replaces nothing; ")

    def test_it_starts_without_the_settings_but_cannot_tell_what_it_replaces(self):
        doubt = "cannot tell whether instances are replaced, because the settings in force were not read"
        step = start(situation(queued(), settings=None))
        assert step == Deploy(f"shop-staging is Ready: shop-2.0 replaces shop-1.0; {doubt}", NOT_READ)

    def test_a_bundle_that_changes_the_policy_gives_no_assurance(self):
        policy = OptionSetting("aws:elasticbeanstalk:command", "DeploymentPolicy", "AllAtOnce", "a.config")
        files = BundleFiles(Proposal([policy]), {OLD: Proposal([])})
        step = start(situation(queued(), settings=ROLLING, files=files))
        assert "cannot tell whether this keeps the service up" in step.reason

    @pytest.mark.parametrize("status", ["Updating", "Launching", "Aborting", "LinkingFrom", "LinkingTo"])
    def test_it_waits_until_the_environment_is_ready(self, status):
        reason = f"shop-staging is {status}; Wardrop waits until it is Ready"
        step = start(situation(queued(), status=status))
        assert step == Wait(reason, WaitsFor(WaitKind.NOT_READY, status))

    def test_it_starts_with_any_health(self):
        assert isinstance(start(situation(queued(), health=Health.SEVERE)), Deploy)

    def test_an_environment_of_another_application_is_not_deployed_to(self):
        step = start(situation(queued(), application="mall"))
        assert step == End(State.FAILED, "shop-staging now belongs to the application mall")

    @pytest.mark.parametrize("differs", [{}, {"asked": REQUESTED}, {"release": None}])
    def test_a_deployment_to_an_environment_of_the_cluster_tier_fails_at_once(self, differs):
        step = start(situation(queued(**differs), tier="Cluster", status="Updating"))
        assert step == End(
            State.FAILED,
            "shop-2.0 cannot be deployed: shop-staging is an environment of the Cluster tier (EKS), which runs "
            "container images and accepts no WAR, ZIP or JAR; deploy to an environment of the tier WebServer or Worker",
        )

    def test_a_war_that_is_promoted_to_an_environment_of_java_se_fails_at_once(self):
        platform = "arn:aws:elasticbeanstalk:us-east-1::platform/Corretto 21 running on 64bit Amazon Linux 2023/4.7.0"
        step = start(situation(queued(), platform=platform))
        assert isinstance(step, End)
        assert step.reason == (
            "shop-2.0 cannot be deployed: shop-staging runs Corretto 21 (Java SE), which accepts a JAR or a ZIP but "
            "not a WAR; drop the WAR to an environment that runs Tomcat"
        )
        assert isinstance(start(situation(queued(release=None), platform=platform)), Deploy)

    def test_a_version_that_was_quarantined_in_the_meantime_never_starts(self):
        quarantined = QuarantinedVersion(label=NEW, at=NOW, because="it failed")
        step = start(situation(queued(), standing=standing(quarantined=[quarantined])))
        assert step == End(State.FAILED, "shop-2.0 is quarantined in shop-staging: it failed")

    def test_bytes_that_were_quarantined_under_another_label_start_only_if_a_person_names_the_label(self):
        quarantined = QuarantinedVersion(label="rc1", at=NOW, because="it failed", sha256=release().sha256)
        bad = standing(quarantined=[quarantined])
        reason = "rc1, which has the same bytes as shop-2.0, is quarantined in shop-staging: it failed"
        assert start(situation(queued(), standing=bad)) == End(State.FAILED, reason)
        named = queued(asked=Asked(by="jane", at=NOW))
        assert not isinstance(start(situation(named, standing=bad)), End)

    def test_a_requested_rollback_does_not_go_to_an_environment_that_was_recreated_since(self):
        step = start(situation(queued(asked=ROLLBACK), standing=standing(good(NEW, environment_id="e-0"))))
        reason = "shop-staging was recreated after the request, or is now on another platform branch"
        assert step == End(State.FAILED, f"Wardrop cannot roll back to shop-2.0, because {reason}")


class TestApproval:
    def test_no_request_passes_the_approval(self):
        rules = Rules(approval_required=True, approvers=["arn:aws:iam::1:role/release-*"])
        for asked in (None, REQUESTED, URGENT):
            step = start(situation(queued(rules=rules, asked=asked)))
            assert isinstance(step, AskApproval)
            assert "role/release-*" in step.reason

    def test_a_replacement_that_nobody_has_approved_yet_stays_the_question(self):
        asked = queued(replacement=ReplacementRecord(asked="r-1"), reason="all instances are replaced at once")
        assert start(situation(asked)) == AskApproval("all instances are replaced at once")

    def test_an_approved_deployment_starts(self):
        assert isinstance(start(situation(queued(rules=Rules(approval_required=True), approval=APPROVAL))), Deploy)


class TestWhatIsRead:
    def test_a_deployment_that_waits_for_people_needs_nothing(self):
        held = standing(hold=Hold(by="jane", at=NOW, because="x"))
        assert needs(situation(queued(rules=Rules(approval_required=True)))) is Need.NOTHING
        assert needs(situation(queued(), standing=held)) is Need.NOTHING

    def test_an_environment_that_is_not_ready_needs_nothing_more(self):
        assert needs(situation(queued(), status="Updating")) is Need.NOTHING
        assert needs_when_prepared(situation(queued(), status="Updating")) is Need.NOTHING

    def test_a_start_needs_the_environment_as_it_is_now(self):
        assert needs(situation(queued())) == CURRENT | Need.SETTINGS | Need.CONFIGURATION
        assert needs_when_prepared(situation(queued())) == CURRENT | Need.EVENTS | Need.SETTINGS | Need.CONFIGURATION


class TestPreparing:
    def preparing(self, **differs) -> Deployment:
        return deploying(**({"state": State.PREPARING} | differs))

    def test_all_at_once_is_changed_first_in_an_update_of_its_own(self):
        step = start(situation(queued(), settings=ALL_AT_ONCE))
        assert step == Prepare(
            {"DeploymentPolicy": "Rolling", "BatchSizeType": "Percentage", "BatchSize": "30"},
            "shop-staging has the policy AllAtOnce with batches of 100%; Wardrop first sets DeploymentPolicy=Rolling, "
            "BatchSizeType=Percentage, BatchSize=30",
        )

    def test_the_size_of_a_fleet_with_basic_health_is_its_minimum_size(self):
        step = start(situation(queued(), settings=ALL_AT_ONCE, fleet=BASIC_HEALTH))
        assert step.options["DeploymentPolicy"] == "RollingWithAdditionalBatch"

    def test_a_policy_that_the_environment_cannot_have_fails_the_deployment(self):
        single = deployment_settings(load_balanced=False)
        step = start(situation(queued(rules=Rules(policy="Rolling")), settings=single))
        assert isinstance(step, End)
        assert step.state is State.FAILED
        assert step.reason.startswith("shop-2.0 cannot be deployed as configured: ")

    def test_it_continues_when_the_options_are_in_force_no_matter_who_set_them(self):
        assert isinstance(after_preparing(situation(self.preparing(), settings=ROLLING)), Deploy)
        unanswered = self.preparing(update=update(request_id=None))
        assert isinstance(after_preparing(situation(unanswered, settings=ROLLING)), Deploy)

    def test_it_waits_while_the_settings_are_being_changed(self):
        assert isinstance(after_preparing(situation(self.preparing(), status="Updating")), Wait)
        just_called = self.preparing(update=update(claimed_at=NOW))
        assert isinstance(after_preparing(situation(just_called, settings=ALL_AT_ONCE)), Wait)

    def test_a_change_of_settings_that_fails_ends_it_with_the_words_of_beanstalk(self):
        events = [started(), event("Failed to deploy configuration.", severity="ERROR")]
        step = after_preparing(situation(self.preparing(), events=events, settings=ALL_AT_ONCE))
        reason = "the settings of shop-staging could not be changed: Failed to deploy configuration"
        assert step == End(State.FAILED, reason)

    def test_a_change_of_settings_without_effect_is_repeated_a_few_times(self):
        old = update(claimed_at=NOW - SETTLE)
        assert isinstance(after_preparing(situation(self.preparing(update=old), settings=ALL_AT_ONCE)), Prepare)
        last = self.preparing(update=old, lost_answers=MOST_LOST_ANSWERS - 1)
        step = after_preparing(situation(last, settings=ALL_AT_ONCE))
        assert isinstance(step, End)
        assert "3 times to call UpdateEnvironment, without success" in step.reason

    def test_the_worked_example_of_an_effect_that_is_awaited_holds(self):
        called = NOW
        ready = {"updated_at": called + timedelta(minutes=1), "settings": ALL_AT_ONCE}
        preparing = self.preparing(update=update(claimed_at=called))
        waiting = after_preparing(situation(preparing, now=called + timedelta(minutes=3, seconds=59), **ready))
        assert isinstance(waiting, Wait)
        again = after_preparing(situation(preparing, now=called + timedelta(minutes=4), **ready))
        assert isinstance(again, Prepare)

    def test_another_environment_of_that_name_ends_it(self):
        assert isinstance(after_preparing(situation(self.preparing(), id="e-2", settings=ROLLING)), End)


class TestAdoption:
    OLD_FLEET = fleet(instance(1, OLD), instance(2, OLD))

    def test_a_version_that_runs_well_is_adopted_as_good_no_matter_who_deployed_it(self):
        found = {"fleet": self.OLD_FLEET}
        assert adopted_label(situation(queued(), standing=standing(good("shop-0.9")), **found)) == OLD
        for known in ([good(OLD)], [good(OLD), good("shop-0.9")]):
            assert adopted_label(situation(queued(), standing=standing(*known), **found)) is None, (
                "the version is known"
            )

    def test_an_instance_that_has_just_been_launched_does_not_prevent_the_adoption(self):
        launched = fleet(instance(1, OLD), instance(2, None, None, deployment_id=0))
        assert adopted_label(situation(queued(), fleet=launched)) == OLD

    def test_the_version_that_is_to_be_deployed_is_not_adopted(self):
        assert adopted_label(situation(queued(), version_label=NEW)) is None

    def test_a_request_adopts_a_version_only_where_no_good_one_is_known(self):
        request = queued(asked=REQUESTED)
        assert adopted_label(situation(request, standing=standing(good("x")), fleet=self.OLD_FLEET)) is None
        assert adopted_label(situation(request, fleet=self.OLD_FLEET)) == OLD

    @pytest.mark.parametrize(
        ("shown", "reported"),
        [
            ({"health": Health.SEVERE}, fleet(instance(1, OLD))),
            ({"status": "Updating"}, fleet(instance(1, OLD))),
            ({}, fleet(instance(1, OLD), instance(2, "shop-0.9"))),
            ({}, fleet()),
            ({}, BASIC_HEALTH),
        ],
    )
    def test_a_version_that_does_not_run_well_on_every_instance_is_not_adopted(self, shown, reported):
        found = situation(queued(), environment=environment(**shown), fleet=reported)
        assert adopted_label(found) is None

    def test_a_quarantined_version_is_not_adopted(self):
        quarantined = QuarantinedVersion(label=OLD, at=NOW, because="it failed")
        found = situation(queued(), standing=standing(quarantined=[quarantined]), fleet=self.OLD_FLEET)
        assert adopted_label(found) is None


class TestTheHealthOfTheRunningVersion:
    """Somebody else's deployment ended 20 s ago."""

    def step(self, deployment: Deployment | None = None, **differs: Any) -> Step:
        of = {"health": Health.WARNING, "updated_at": NOW - timedelta(seconds=20)}
        shown = environment(**(of | differs.pop("shown", {})))
        defaults = {"fleet": fleet(instance(1, OLD), instance(2, OLD)), "settings": ROLLING, "environment": shown}
        return start(situation(deployment or queued(), **(defaults | differs)))

    def test_a_drop_waits_until_health_shows_whether_the_running_version_is_good(self):
        assert self.step() == Wait(
            "shop-staging has just been updated, and its health is Warning; "
            "Wardrop waits until it is known whether shop-1.0 is good",
            WaitsFor(WaitKind.HEALTH),
        )

    def test_a_drop_waits_until_the_instances_report_the_label_of_the_environment(self):
        """Before that, the running version cannot be recorded as good, so a rollback could not deploy it again."""
        earlier = {"fleet": fleet(instance(1, OLD), instance(2, "shop-0.9")), "shown": {"health": Health.OK}}
        assert self.step(**earlier) == Wait(
            "shop-staging has just been updated, and not all instances report shop-1.0 yet; "
            "Wardrop waits until it is known whether shop-1.0 is good",
            WaitsFor(WaitKind.HEALTH),
        )
        assert isinstance(self.step(**(earlier | {"shown": {"updated_at": NOW - SETTLE}})), Deploy)

    @pytest.mark.parametrize(
        "differs",
        [
            {"shown": {"health": Health.INFO}},
            {"shown": {"updated_at": NOW - SETTLE}},
            {"standing": standing(good(OLD))},
            {"standing": standing(quarantined=[QuarantinedVersion(label=OLD, at=NOW, because="it failed")])},
            {"fleet": BASIC_HEALTH},
            {"deployment": queued(asked=REQUESTED)},
        ],
        ids=["healthy", "settled", "good-already", "quarantined", "basic-health", "requested"],
    )
    def test_it_does_not_wait_if_the_version_would_not_be_recorded_or_a_person_requested_the_deployment(self, differs):
        assert isinstance(self.step(**differs), Deploy)


class TestTheStepsAfterPreparing:
    """Compares complete steps, because people read the reason, and a reminder depends on the cause of the wait."""

    CHANGING = WaitsFor(WaitKind.SETTINGS)

    def prepared(self, **differs):
        deployment = queued(state=State.PREPARING, update=update(), **differs.pop("of", {}))
        return after_preparing(situation(deployment, **({"settings": ALL_AT_ONCE} | differs)))

    def test_another_environment(self):
        assert self.prepared(id="e-2") == End(
            State.FAILED, "shop-staging was terminated while its settings were changed"
        )

    def test_a_change_in_progress(self):
        assert self.prepared(status="Updating") == Wait(
            "shop-staging is Updating: its settings are being changed", self.CHANGING
        )

    def test_a_change_without_effect_so_far(self):
        assert self.prepared(updated_at=NOW) == Wait("shop-staging does not show its new settings yet", self.CHANGING)

    def test_a_change_without_effect_for_the_third_time(self):
        times = "Wardrop tried 3 times to call UpdateEnvironment, without success"
        assert self.prepared(of={"lost_answers": 2}) == End(
            State.FAILED, f"{times}; the last time, the change of settings had no effect"
        )
