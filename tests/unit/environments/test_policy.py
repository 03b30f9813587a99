"""What an environment's settings mean for a deployment: the policy that it gets, and what people are told."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.samples import NOW
from wardrop.environments import policy as preflight
from wardrop.environments.policy import CAREFUL, COMMAND, Preflight, VersionRoom, batch_size, effect, read, wanted

POLICIES = ["AllAtOnce", *CAREFUL]


def found(**differs) -> Preflight:
    plain = {"at": NOW, "load_balanced": True, "application_load_balancer": True}
    return Preflight(**(plain | differs))


class TestWanted:
    @pytest.mark.parametrize("policy", CAREFUL)
    def test_an_environment_with_a_careful_policy_keeps_it_and_its_batch(self, policy):
        assert wanted(None, "30%", found(policy=policy, batch="1"), 4) == {}

    def test_all_at_once_becomes_rolling_with_a_batch_of_its_own(self):
        options = {"DeploymentPolicy": "Rolling", "BatchSizeType": "Percentage", "BatchSize": "30"}
        assert wanted(None, "30%", found(), 4) == options

    def test_out_of_one_instance_no_batch_is_taken(self):
        assert wanted(None, "30%", found(), 1)["DeploymentPolicy"] == "RollingWithAdditionalBatch"

    def test_a_single_instance_stays_as_it_is(self):
        assert wanted(None, "30%", found(load_balanced=False), 1) == {}

    @pytest.mark.parametrize("policy", POLICIES)
    def test_keep_changes_nothing(self, policy):
        assert wanted("keep", "30%", found(policy=policy), 4) == {}

    def test_a_batch_is_set_in_its_own_unit(self):
        configured = found(policy="Rolling", batch="30%")
        assert wanted("Rolling", "2", configured, 4) == {"BatchSizeType": "Fixed", "BatchSize": "2"}

    @pytest.mark.parametrize(
        ("policy", "differs", "told"),
        [
            ("Rolling", {"load_balanced": False}, "needs a load balancer"),
            ("TrafficSplitting", {"application_load_balancer": False}, "needs an application load balancer"),
            ("Immutable", {"enhanced_health": False}, "needs enhanced health"),
        ],
    )
    def test_what_the_environment_cannot_have_is_told(self, policy, differs, told):
        with pytest.raises(ValueError, match=told):
            wanted(policy, "30%", found(**differs), 2)

    @given(
        st.none() | st.sampled_from([*POLICIES, "keep"]),
        st.sampled_from(["30%", "100%", "2"]),
        st.builds(found, policy=st.sampled_from(POLICIES), batch=st.sampled_from(["100%", "30%", "2"])),
        st.integers(0, 20),
    )
    def test_once_set_nothing_is_left_to_set(self, policy, batch, before, instances):
        options = wanted(policy, batch, before, instances)
        size = options.get("BatchSize", before.batch.removesuffix("%"))
        in_percent = options.get("BatchSizeType", "Percentage" if before.batch.endswith("%") else "Fixed")
        after = found(
            policy=options.get("DeploymentPolicy", before.policy),
            batch=f"{size}%" if in_percent == "Percentage" else size,
        )
        assert wanted(policy, batch, after, instances) == {}


class TestEffect:
    @pytest.mark.parametrize(
        ("differs", "instances", "told"),
        [
            ({}, 4, "takes the service down for a while: the policy is AllAtOnce"),
            ({"load_balanced": False}, 1, "takes the service down for a while: there is a single instance"),
            ({"policy": "Rolling", "batch": "1"}, 4, "keeps the service up: Rolling, 1 of 4 at a time"),
            ({"policy": "Rolling", "batch": "4"}, 4, "takes the service down for a while: a batch of 4 is the whole"),
            ({"policy": "Immutable"}, 4, "keeps the service up: Immutable"),
            ({"policy": "Immutable", "ignores_health": True}, 4, "health checks are ignored"),
        ],
    )
    def test_it_says_whether_the_service_stays_up_and_why_not(self, differs, instances, told):
        assert told in effect(found(**differs), instances, [])

    def test_settings_of_the_bundle_that_replace_instances_are_named_unless_they_are_in_force(self):
        brought = ["aws:autoscaling:launchconfiguration:InstanceType=m5.large", "aws:ec2:vpc:VPCId=vpc-1"]
        told = effect(found(policy="Rolling", in_force=brought[1:]), 4, brought)
        assert told == f"may replace the instances, because .ebextensions set {brought[0]}"

    def test_scheduled_actions_may_block_the_replacement_of_instances_and_are_told_of_before(self):
        brought = ["aws:autoscaling:launchconfiguration:InstanceType=m5.large"]
        told = effect(found(policy="Rolling", scheduled_actions=True), 4, brought)
        assert told.startswith("may replace the instances, which scheduled actions may block, because .ebextensions")
        options = {("aws:autoscaling:scheduledaction", "MinSize"): "1"}
        assert read(options, "WebServer", NOW).scheduled_actions
        assert not read({}, "WebServer", NOW).scheduled_actions


class TestRead:
    def test_settings_are_read_as_beanstalk_gives_them(self):
        settings = {
            (COMMAND, "DeploymentPolicy"): "Rolling",
            (COMMAND, "BatchSizeType"): "Fixed",
            (COMMAND, "BatchSize"): "2",
            (COMMAND, "Timeout"): "900",
            (preflight.ENVIRONMENT, "LoadBalancerType"): "application",
            (preflight.ASG, "MinSize"): "3",
            ("aws:autoscaling:launchconfiguration", "InstanceType"): "t3.small",
        }
        assert read(settings, "Worker", NOW) == found(
            worker=True,
            policy="Rolling",
            batch="2",
            command_timeout=900,
            smallest=3,
            in_force=["aws:autoscaling:launchconfiguration:InstanceType=t3.small"],
        )

    def test_what_is_not_set_is_beanstalks_default(self):
        assert read({}, "WebServer", NOW) == found(application_load_balancer=False)


@given(st.sampled_from(["1%", "30%", "100%", "1", "3", "50"]), st.integers(0, 100))
def test_a_batch_has_an_instance_at_least(batch, instances):
    assert batch_size(batch, instances) >= 1


@given(st.sampled_from(POLICIES), st.sampled_from(["30%", "1"]), st.integers(1, 50))
def test_a_deadline_leaves_every_batch_its_whole_timeout(policy, batch, instances):
    assert found(policy=policy, batch=batch).deadline(instances) >= timedelta(seconds=840)
    rolling = found(policy="Rolling", batch="1").deadline(instances)
    assert rolling >= timedelta(seconds=840) * instances


@pytest.mark.parametrize(("used", "told"), [(950, False), (951, True)])
def test_a_region_with_little_room_for_versions_is_told(used, told):
    room = VersionRoom(at=NOW, used=used, quota=1000)
    sentence = "; 951 of 1000 application versions are taken"
    assert effect(found(version_room=room), 4, []).endswith(sentence) is told
