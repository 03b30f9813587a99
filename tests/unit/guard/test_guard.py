"""The guard, with everything outside of it in memory."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests.unit.guard.samples import LAUNCH, OPTIONS
from tests.unit.samples import (
    NEW,
    NOW,
    THEIR_REQUEST,
    baking,
    completed,
    deploying,
    environment,
    event,
    event_files,
    good,
    seconds,
    standing,
    started,
    unanswered,
    update,
)
from tests.unit.world import World, once, raising
from wardrop.alerts.kinds import Kind
from wardrop.commands.views import environment_view
from wardrop.configuration.load import RememberedConfigurations
from wardrop.deployments.change import Change
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.history import Moment
from wardrop.deployments.state import State
from wardrop.environments.events import MANAGED_UPDATE_STARTS
from wardrop.environments.settings import DeploymentSettings, VersionQuotaUse
from wardrop.errors import NotNow, Outdated
from wardrop.guard.effect import Effect
from wardrop.guard.guard import GuardConfiguration
from wardrop.guard.guarded_update import AbortState
from wardrop.guard.request import GuardRequest, read_request

INSTANCE_TYPE = (LAUNCH, "InstanceType")
STARTED_AT = NOW - seconds(30)


class GuardedWorld(World):
    """shop-staging has four instances, and its settings were recorded after its last update."""

    def __init__(self) -> None:
        super().__init__()
        self.beanstalk.options = dict(OPTIONS)
        self.beanstalk.counts = {"Ok": 4}
        self.guard_configuration = self.verb(
            GuardConfiguration, configurations=RememberedConfigurations(self.configurations)
        )
        self.look()
        self.calls.clear()

    def look(self, name: str = "shop-staging", **request: Any) -> str:
        return self.guard_configuration(GuardRequest(environment=name, cause="tick/1", **request), self.now)

    def settings(self, name: str = "shop-staging") -> DeploymentSettings:
        settings = self.ledger.environments.read(name).settings
        assert settings is not None
        return settings

    def start_update(self, at: datetime = STARTED_AT, request_id: str = THEIR_REQUEST, **pending: str) -> None:
        self.beanstalk.event_log.append(started(at, request_id))
        self.beanstalk.pending = self.beanstalk.options | {(LAUNCH, name): value for name, value in pending.items()}
        self.show(status="Updating", updated_at=at, is_abortable=True)

    def end_update(self, request_id: str = THEIR_REQUEST) -> None:
        self.beanstalk.event_log.append(completed(self.now, request_id))
        self.beanstalk.options, self.beanstalk.pending = self.beanstalk.pending or self.beanstalk.options, None
        self.show(updated_at=self.now)

    def configure(self, guard: str) -> None:
        self.parameters.documents["shop"] = f"environments: [{{name: shop-staging, guard: {guard}}}]"


@pytest.fixture
def world() -> GuardedWorld:
    return GuardedWorld()


class TestReadings:
    def test_the_settings_are_kept_with_the_update_after_which_they_were_read(self, world):
        assert (world.settings().policy, world.settings().at) == ("Rolling", NOW)
        assert world.settings().environment_updated_at == environment().updated_at

    def test_an_environment_that_was_seen_just_now_is_not_read_again(self, world):
        world.look(snapshot=environment(), snapshot_at=NOW - seconds(9))
        assert "beanstalk.environments" not in world.calls
        world.look(snapshot=environment(), snapshot_at=NOW - seconds(11))
        assert world.calls.count("beanstalk.environments") == 1

    def test_settings_that_are_up_to_date_are_not_read(self, world):
        world.look()
        assert world.calls == ["beanstalk.environments", "ledger.environments.read"]

    def test_settings_of_yesterday_are_read_by_one_call(self, world):
        world.wait(24 * 3600)
        world.look(snapshot=environment(), snapshot_at=world.now)
        assert [call for call in world.calls if call.startswith("beanstalk.")] == ["beanstalk.settings_and_draft"]
        assert world.settings().at == world.now

    def test_the_version_quota_as_clean_up_counted_it_is_kept_with_the_settings(self, world):
        world.ledger.versions.keep_room(VersionQuotaUse(at=NOW, used=960, quota=1000))
        world.show(updated_at=NOW)
        world.look()
        assert world.settings().version_quota_use.is_scarce

    def test_an_environment_that_is_gone_leads_to_nothing(self, world):
        world.look("shop-gone")
        assert world.ledger.environments.read("shop-gone").settings is None


class TestUpdatesOfSomebodyElse:
    def test_settings_that_replace_all_instances_are_reported_while_they_are_pending(self, world):
        world.start_update(InstanceType="m5.large")
        world.look()
        [alert] = world.alerts
        assert (alert.kind, alert.environment_id) == (Kind.INSTANCES_BEING_REPLACED, "e-1")
        assert alert.text == (
            "Somebody else started an update of shop-staging at 03:03:35 UTC. "
            "All 4 instances are replaced at once: downtime. "
            "aws:autoscaling:launchconfiguration:InstanceType changes from t3.small to m5.large: "
            "all 4 instances are replaced at once: downtime."
        )

    def test_an_update_during_a_deployment_is_not_attributed_to_somebody_else(self, world):
        history = [Moment(STARTED_AT - seconds(60), State.DEPLOYING, ""), Moment(NOW, State.BAKING, "")]
        world.record(baking(revision=0, history=history))
        world.start_update(InstanceType="m5.large")
        world.look()
        assert world.alerts[0].text.startswith(
            "While a deployment was updating shop-staging, an update started at 03:03:35 UTC. It may be Wardrop's "
            "own update. All 4 instances"
        )

    def test_a_managed_platform_update_is_attributed_to_nobody(self, world):
        world.beanstalk.event_log.append(event(f"{MANAGED_UPDATE_STARTS}.", STARTED_AT, None))
        world.start_update()
        world.beanstalk.pending = None
        world.look()
        assert world.alerts[0].text.startswith("A managed platform update of shop-staging started at 03:03:35 UTC.")

    def test_it_takes_one_description_of_the_settings_and_of_the_events_and_of_health(self, world):
        world.start_update(InstanceType="m5.large")
        world.look(snapshot=world.beanstalk.described["shop-staging"], snapshot_at=NOW)
        assert [call for call in world.calls if call.startswith("beanstalk.")] == [
            "beanstalk.events",
            "beanstalk.settings_and_draft",
            "beanstalk.health",
        ]

    def test_an_update_is_reported_once_by_event_by_ticks_and_when_it_is_over(self, world):
        world.start_update(InstanceType="m5.large")
        world.look(update_started_at=STARTED_AT)
        for _ in range(3):
            world.look()
        world.wait(300)
        world.end_update()
        world.look()
        assert world.alert_kinds == [Kind.INSTANCES_BEING_REPLACED]
        assert world.settings().options[LAUNCH]["InstanceType"] == "m5.large"

    def test_two_invocations_at_the_same_time_report_it_once(self, world):
        world.start_update(InstanceType="m5.large")

        def other() -> None:
            world.before.clear()
            world.look()

        world.before["beanstalk.health"] = other
        with pytest.raises(Outdated):
            world.look()
        assert world.alert_kinds == [Kind.INSTANCES_BEING_REPLACED]

    def test_an_event_is_enough_while_the_environment_still_shows_its_old_state(self, world):
        world.start_update(InstanceType="m5.large")
        world.show()
        world.look(update_started_at=STARTED_AT)
        assert world.alert_kinds == [Kind.INSTANCES_BEING_REPLACED]

    def test_with_all_events_lost_until_its_end_it_is_reported_as_past(self, world):
        world.start_update(InstanceType="m5.large")
        world.end_update()
        world.look()
        [alert] = world.alerts
        assert alert.kind is Kind.INSTANCES_REPLACED
        assert "The update has ended" in alert.text

    def test_a_draft_that_is_shown_as_deployed_already_is_compared_with_the_recorded_settings(self, world):
        world.start_update(InstanceType="m5.large")
        world.beanstalk.options = world.beanstalk.pending
        world.look()
        assert world.alert_kinds == [Kind.INSTANCES_BEING_REPLACED]

    def test_settings_that_keep_the_instances_are_not_reported(self, world):
        world.start_update()
        world.beanstalk.pending = OPTIONS | {("aws:autoscaling:asg", "MaxSize"): "9"}
        world.look()
        assert world.alerts == []

    def test_without_a_draft_it_is_reported_after_twenty_seconds_what_cannot_be_told(self, world):
        world.start_update(at=NOW - seconds(19))
        world.beanstalk.pending = None
        with pytest.raises(NotNow):
            world.look()
        assert world.alerts == []
        world.wait(1)
        world.look()
        assert world.alert_kinds == [Kind.UPDATE_UNCLEAR]

    def test_what_could_not_be_told_is_reported_again_if_it_replaced_instances(self, world):
        world.start_update()
        world.beanstalk.pending = None
        world.look()
        gone = event("Removed instances [i-1, i-2, i-3, i-4] from your environment.", NOW, None)
        new = event("Added instances [i-5, i-6, i-7, i-8] to your environment.", NOW, None)
        world.beanstalk.event_log += [gone, new]
        world.wait(300)
        world.end_update()
        world.look()
        world.look()
        assert world.alert_kinds == [Kind.UPDATE_UNCLEAR, Kind.INSTANCES_REPLACED]

    def test_throttling_costs_the_number_of_instances_and_not_the_alert(self, world):
        world.start_update(InstanceType="m5.large")
        world.before["beanstalk.health"] = raising(NotNow("Rate exceeded"))
        world.look()
        assert "All instances are replaced at once" in world.alerts[0].text

    def test_the_next_tick_reads_settings_that_beanstalk_would_not_describe(self, world):
        world.start_update(InstanceType="m5.large")
        world.before["beanstalk.settings_and_draft"] = once(raising(NotNow("Rate exceeded")))
        with pytest.raises(NotNow):
            world.look()
        world.look()
        assert world.alert_kinds == [Kind.INSTANCES_BEING_REPLACED]

    def test_an_environment_of_the_same_name_is_not_compared_with_its_predecessor(self, world):
        world.beanstalk.options[INSTANCE_TYPE] = "m5.large"
        world.show(id="e-9", updated_at=NOW)
        world.look()
        assert world.alerts == []
        assert world.settings().environment_id == "e-9"


def claimed_at(at: datetime, make: Callable[..., Deployment] = deploying, **differs: Any) -> Deployment:
    return make(revision=0, update=update(claimed_at=at, **differs))


class TestOurOwnUpdates:
    def test_they_are_recognised_by_their_time_without_a_call(self, world):
        world.record(claimed_at(STARTED_AT))
        world.start_update(request_id="our-request", InstanceType="m5.large")
        world.look(snapshot=world.beanstalk.described["shop-staging"], snapshot_at=NOW)
        assert not [call for call in world.calls if call.startswith("beanstalk.")]
        assert world.alerts == []

    def test_they_are_recognised_by_their_request_when_they_are_over(self, world):
        world.record(deploying(revision=0, request_ids=["our-request"]))
        world.start_update(request_id="our-request", InstanceType="m5.large")
        world.end_update("our-request")
        world.look()
        assert world.alerts == []
        assert world.settings().environment_updated_at == NOW

    def test_an_update_whose_answer_is_not_known_yet_is_looked_at_again(self, world):
        world.record(claimed_at(STARTED_AT, unanswered, request_id=None))
        world.start_update(InstanceType="m5.large")
        with pytest.raises(NotNow):
            world.look()
        assert world.alerts == []


class TestConfiguration:
    def test_off_reports_nothing(self, world):
        world.configure("off")
        world.start_update(InstanceType="m5.large")
        world.look()
        assert world.alerts == []

    def test_abort_asks_the_mailbox_of_the_environment(self, world):
        world.configure("abort")
        world.start_update(InstanceType="m5.large")
        world.look()
        guarded = world.ledger.environments.read("shop-staging").guarded
        assert guarded is not None
        assert (guarded.abort, guarded.effect) == (AbortState.REQUESTED, Effect.REPLACES_AT_ONCE)
        assert world.woken == [("shop-staging", f"guard/{THEIR_REQUEST}")]
        assert world.ledger.environments.active().aborting == {"shop-staging"}

    def test_an_update_whose_effect_is_only_assumed_is_not_aborted(self, world):
        world.configure("abort")
        world.start_update()
        world.beanstalk.pending = OPTIONS | {("aws:ec2:new", "Option"): "1"}
        world.look()
        assert world.alert_kinds == [Kind.UPDATE_UNCLEAR]
        assert world.woken == []

    def test_alert_aborts_nothing(self, world):
        world.start_update(InstanceType="m5.large")
        world.look()
        assert world.woken == []
        assert world.ledger.environments.active().aborting == set()


class TestCallers:
    """Who started an update, as CloudTrail records it."""

    FILES = event_files("guard_configuration")

    def call(self, world: GuardedWorld, file: str) -> str:
        [record] = self.FILES[file]["Records"]
        return world.guard_configuration(read_request(record["body"]), world.now)

    @pytest.mark.parametrize("file", ["update_called", "update_called_by_id"])
    def test_the_caller_of_a_reported_update_is_reported_once(self, world, file):
        world.start_update(InstanceType="m5.large")
        world.look()
        for _ in range(2):
            self.call(world, file)
        assert world.alert_kinds == [Kind.INSTANCES_BEING_REPLACED, Kind.ENVIRONMENT_EVENT]
        text = world.alerts[1].text
        assert text.startswith("arn:aws:sts::123456789012:assumed-role/deployer/x started the update of shop-staging")
        assert "all 4 instances are replaced at once" in text

    def test_the_caller_of_any_other_update_is_not_reported(self, world):
        assert "did not start an update that Wardrop has reported" in self.call(world, "update_called")
        assert world.alerts == []


class TestDrift:
    """Settings that differ from those with which the last version became good."""

    MAX_SIZE = ("aws:autoscaling:asg", "MaxSize")

    @pytest.fixture
    def world(self, world: GuardedWorld) -> GuardedWorld:
        """A version became good with the recorded settings. Then somebody raised MaxSize from 8 to 9."""
        world.ledger.write(Change(standing=standing(good(at=NOW - seconds(60)))))
        self.change(world, "9")
        return world

    def change(self, world: GuardedWorld, value: str) -> None:
        world.start_update(world.now)
        world.beanstalk.pending = world.beanstalk.options | {self.MAX_SIZE: value}
        world.wait(300)
        world.end_update()
        world.look()

    def view(self, world: GuardedWorld) -> list[str]:
        return environment_view(world.beanstalk.described["shop-staging"], None, world.environment()).drifted

    def test_the_status_lists_them(self, world):
        assert self.view(world) == ["aws:autoscaling:asg:MaxSize is 9, and was 8"]

    def test_they_are_reported_once_a_day(self, world):
        assert world.alerts == []
        for _ in range(2):
            world.wait(24 * 3600)
            world.look()
            world.look()
        assert world.alert_kinds == [Kind.SETTINGS_DRIFTED] * 2
        assert "aws:autoscaling:asg:MaxSize is 9, and was 8" in world.alerts[0].text

    def test_another_spelling_is_no_drift(self, world):
        self.change(world, " 8 ")
        assert self.view(world) == []

    def test_further_changes_are_compared_with_the_good_settings(self, world):
        self.change(world, "10")
        assert self.view(world) == ["aws:autoscaling:asg:MaxSize is 10, and was 8"]

    def test_a_version_that_becomes_good_makes_them_the_good_settings(self, world):
        world.wait(60)
        record = world.environment()
        world.ledger.write(Change(standing=record.standing.with_good(good(NEW, at=world.now))))
        assert self.view(world) == []
        self.change(world, "10")
        assert self.view(world) == ["aws:autoscaling:asg:MaxSize is 10, and was 9"]

    def test_settings_that_a_deployment_in_progress_changes_are_not_listed(self, world):
        world.record(deploying(revision=0))
        assert self.view(world) == []

    def test_without_a_good_version_there_is_no_drift(self, world):
        world.show(id="e-9", updated_at=world.now)
        world.look()
        assert self.view(world) == []
