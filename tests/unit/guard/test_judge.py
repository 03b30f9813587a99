"""The judgement about the effect of somebody else's update."""

import pytest

from tests.unit.guard.samples import ENVIRONMENT, IN_BATCHES, LAUNCH, OPTIONS, ROLLING, VPC, in_force
from tests.unit.samples import NOW, environment
from wardrop.alerts.kinds import Kind, Severity
from wardrop.environments.operation import Operation, OperationKind
from wardrop.environments.settings import COMMAND, DeploymentSettings, read_settings
from wardrop.guard.effect import Effect
from wardrop.guard.judge import judge_past, judge_pending, judge_without_draft

INSTANCE_TYPE = (LAUNCH, "InstanceType")
UPDATE = Operation("request", NOW)


def settings(**differs: str) -> DeploymentSettings:
    return read_settings(OPTIONS | {(LAUNCH, name): value for name, value in differs.items()}, environment(), NOW)


class TestPendingSettings:
    def test_another_instance_type_replaces_all_instances_at_once_if_rolling_updates_are_disabled(self):
        judgement = judge_pending(in_force(), OPTIONS | {INSTANCE_TYPE: "m5.large"})
        assert (judgement.effect, judgement.kind) == (Effect.REPLACES_AT_ONCE, Kind.INSTANCES_BEING_REPLACED)
        assert judgement.severity is Severity.ERROR
        assert judgement.sentence == "all 4 instances are replaced at once: downtime"
        assert judgement.changes == (
            "aws:autoscaling:launchconfiguration:InstanceType changes from t3.small to m5.large: "
            "all 4 instances are replaced at once: downtime",
        )

    def test_with_rolling_updates_they_are_replaced_in_batches(self):
        judgement = judge_pending(in_force(IN_BATCHES), OPTIONS | IN_BATCHES | {INSTANCE_TYPE: "m5.large"})
        assert (judgement.effect, judgement.severity) == (Effect.REPLACES_IN_BATCHES, Severity.WARNING)

    def test_an_update_that_keeps_all_instances_is_not_reported(self):
        pending = OPTIONS | {
            ("aws:autoscaling:asg", "MaxSize"): "9",
            ("aws:elasticbeanstalk:application:environment", "A"): "b",
        }
        assert not judge_pending(in_force(), pending).is_reported

    def test_settings_that_are_written_in_the_same_way_change_nothing(self):
        scheduled = {("aws:autoscaling:scheduledaction", "MinSize"): "2"}
        assert judge_pending(in_force(scheduled), OPTIONS | scheduled).effect is Effect.NOTHING

    def test_the_value_of_an_environment_property_is_not_in_the_text(self):
        pending = OPTIONS | {
            INSTANCE_TYPE: "m5.large",
            ("aws:elasticbeanstalk:application:environment", "PASSWORD"): "new",
        }
        judgement = judge_pending(in_force(), pending)
        assert not any("swordfish" in text or "new" in text for text in judgement.changes)

    def test_an_option_that_nobody_describes_is_said_neither_to_keep_nor_to_replace_the_instances(self):
        judgement = judge_pending(in_force(), OPTIONS | {("aws:ec2:new", "Option"): "1"})
        assert judgement.is_reported
        assert (judgement.effect, judgement.kind) == (Effect.CANNOT_TELL, Kind.UPDATE_UNCLEAR)
        assert judgement.severity is Severity.WARNING
        assert "Wardrop assumes that all 4 instances are replaced" in judgement.sentence

    @pytest.mark.parametrize(
        ("option", "value", "title"),
        [
            (INSTANCE_TYPE, "m5.large", "all instances are about to be replaced at once"),
            ((VPC, "ELBScheme"), "internal", "the load balancer is about to change"),
        ],
    )
    def test_the_title_names_what_changes(self, option, value, title):
        assert judge_pending(in_force(), OPTIONS | {option: value}).title == title

    def test_an_update_that_was_expected_to_be_refused_is_not_said_to_replace_instances(self):
        judgement = judge_pending(in_force(), OPTIONS | {(ENVIRONMENT, "LoadBalancerType"): "network"})
        assert (judgement.effect, judgement.kind) == (Effect.CANNOT_TELL, Kind.UPDATE_UNCLEAR)
        assert judgement.sentence.startswith("Wardrop expected that Beanstalk would refuse the update: refused by")


class TestUpdatesWithoutADraft:
    def test_a_restart_and_a_change_of_tags_are_not_reported(self):
        for kind in (OperationKind.RESTART, OperationKind.OTHER):
            assert not judge_without_draft(Operation("request", NOW, kind), in_force()).is_reported

    def test_a_rebuild_replaces_everything(self):
        judgement = judge_without_draft(Operation("request", NOW, OperationKind.REBUILD), in_force())
        assert judgement.effect is Effect.REPLACES_LOAD_BALANCER
        single = in_force({(ENVIRONMENT, "EnvironmentType"): "SingleInstance"}, instances=1)
        judgement = judge_without_draft(Operation("request", NOW, OperationKind.REBUILD), single)
        assert judgement.sentence == "the environment is rebuilt: the only instance is replaced at once"

    def test_a_managed_platform_update_replaces_all_instances_after_new_ones_are_launched(self):
        judgement = judge_without_draft(Operation("request", NOW, is_managed=True), in_force())
        assert judgement.effect is Effect.REPLACES_IN_BATCHES
        assert "Beanstalk updates the platform" in judgement.sentence

    @pytest.mark.parametrize(
        ("policy", "effect"),
        [
            ("Rolling", Effect.CANNOT_TELL),
            ("Immutable", Effect.REPLACES_IN_BATCHES),
            ("TrafficSplitting", Effect.REPLACES_IN_BATCHES),
        ],
    )
    def test_what_a_deployment_of_a_version_replaces_depends_on_its_policy(self, policy, effect):
        operation = Operation("request", NOW, deploys_version=True)
        assert judge_without_draft(operation, in_force({(COMMAND, "DeploymentPolicy"): policy})).effect is effect

    def test_an_update_that_shows_nothing_is_never_said_to_keep_the_instances(self):
        judgement = judge_without_draft(UPDATE, in_force())
        assert (judgement.effect, judgement.kind) == (Effect.CANNOT_TELL, Kind.UPDATE_UNCLEAR)
        assert "If the platform changes, all 4 instances are replaced" in judgement.sentence


class TestPastUpdates:
    def test_settings_that_replaced_the_instances_are_reported_as_past(self):
        operation = Operation("request", NOW, removed=("i-1", "i-2"), launched=("i-3", "i-4"))
        judgement = judge_past(operation, settings(), settings(InstanceType="m5.large"), 4)
        assert (judgement.kind, judgement.effect) == (Kind.INSTANCES_REPLACED, Effect.REPLACES_AT_ONCE)
        assert judgement.sentence.endswith("2 instances removed and 2 launched")
        assert "InstanceType changes from t3.small to m5.large" in judgement.changes[0]

    @pytest.mark.parametrize(
        ("option", "value", "title"),
        [
            (INSTANCE_TYPE, "m5.large", "an update that replaces instances has ended"),
            ((VPC, "ELBScheme"), "internal", "an update that changes the load balancer has ended"),
        ],
    )
    def test_the_title_does_not_say_that_instances_were_replaced_if_the_events_do_not_show_it(
        self, option, value, title
    ):
        after = read_settings(OPTIONS | {option: value}, environment(), NOW)
        assert judge_past(UPDATE, settings(), after, 4).title == title

    def test_the_removed_instances_decide_if_the_effect_of_the_changed_settings_is_not_known(self):
        after = read_settings(OPTIONS | {("aws:ec2:new", "Option"): "1"}, environment(), NOW)
        assert not judge_past(UPDATE, settings(), after, 2).is_reported
        operation = Operation("request", NOW, removed=("i-1", "i-2"), launched=("i-3", "i-4"))
        assert judge_past(operation, settings(), after, 2).sentence.endswith("2 launched since the update started")

    def test_without_a_difference_and_without_new_instances_nothing_is_reported(self):
        assert not judge_past(UPDATE, settings(), settings(), 4).is_reported

    def test_instances_that_were_all_replaced_without_a_difference_are_reported(self):
        operation = Operation("request", NOW, removed=("i-1", "i-2"), launched=("i-3", "i-4"))
        judgement = judge_past(operation, settings(), settings(), 2)
        assert judgement.kind is Kind.INSTANCES_REPLACED
        assert "although the recorded changes to the settings replace no instances" in judgement.sentence

    def test_an_additional_batch_of_a_deployment_and_scaling_are_no_replacement(self):
        operation = Operation("request", NOW, removed=("i-1",), launched=("i-3",))
        assert not judge_past(operation, settings(), settings(), 4).is_reported

    def test_if_the_settings_before_were_not_recorded_the_instances_decide(self):
        operation = Operation("request", NOW, removed=("i-1",), launched=("i-3",))
        assert judge_past(operation, None, settings(), 1).is_reported
        assert not judge_past(UPDATE, None, settings(), 1).is_reported

    def test_how_the_instances_were_replaced_is_judged_by_the_policy_of_that_time(self):
        rolling = {(ROLLING, "RollingUpdateEnabled"): "true"}
        before = read_settings(OPTIONS | rolling, environment(), NOW)
        after = read_settings(OPTIONS | rolling | {INSTANCE_TYPE: "m5.large"}, environment(), NOW)
        assert judge_past(UPDATE, before, after, 4).effect is Effect.REPLACES_IN_BATCHES
