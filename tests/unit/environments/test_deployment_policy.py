"""The deployment policy and the batch size that Wardrop sets, and the deadline of a deployment."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.samples import deployment_settings
from wardrop.environments.deployment_policy import CAREFUL, batch_size, deadline, required_changes

POLICIES = ["AllAtOnce", *CAREFUL]


class TestRequiredChanges:
    @pytest.mark.parametrize("policy", CAREFUL)
    def test_an_environment_with_a_careful_policy_keeps_it_and_its_batch(self, policy):
        assert required_changes("rolling", "30%", deployment_settings(policy=policy, batch="1"), 4) == {}

    def test_all_at_once_is_replaced_by_rolling_with_the_configured_batch(self):
        options = {"DeploymentPolicy": "Rolling", "BatchSizeType": "Percentage", "BatchSize": "30"}
        assert required_changes("rolling", "30%", deployment_settings(), 4) == options

    def test_a_fleet_of_one_instance_gets_an_additional_batch(self):
        options = required_changes("rolling", "30%", deployment_settings(), 1)
        assert options["DeploymentPolicy"] == "RollingWithAdditionalBatch"

    def test_a_single_instance_environment_is_not_changed(self):
        assert required_changes("rolling", "30%", deployment_settings(load_balanced=False), 1) == {}

    @pytest.mark.parametrize("policy", POLICIES)
    def test_keep_changes_nothing(self, policy):
        assert required_changes("keep", "30%", deployment_settings(policy=policy), 4) == {}

    def test_a_number_of_instances_is_set_as_a_fixed_batch(self):
        configured = deployment_settings(policy="Rolling", batch="30%")
        assert required_changes("Rolling", "2", configured, 4) == {"BatchSizeType": "Fixed", "BatchSize": "2"}

    @pytest.mark.parametrize(
        ("policy", "differs", "reason"),
        [
            ("Rolling", {"load_balanced": False}, "needs a load balancer"),
            ("TrafficSplitting", {"application_load_balancer": False}, "needs an application load balancer"),
            ("Immutable", {"enhanced_health": False}, "needs enhanced health"),
        ],
    )
    def test_a_policy_that_the_environment_cannot_have_is_an_error(self, policy, differs, reason):
        with pytest.raises(ValueError, match=reason):
            required_changes(policy, "30%", deployment_settings(**differs), 2)

    @given(
        st.none() | st.sampled_from([*POLICIES, "keep"]),
        st.sampled_from(["30%", "100%", "2"]),
        st.builds(deployment_settings, policy=st.sampled_from(POLICIES), batch=st.sampled_from(["100%", "30%", "2"])),
        st.integers(0, 20),
    )
    def test_after_the_changes_no_change_is_required(self, policy, batch, before, instances):
        options = required_changes(policy, batch, before, instances)
        size = options.get("BatchSize", before.batch.removesuffix("%"))
        unit = options.get("BatchSizeType", "Percentage" if before.batch.endswith("%") else "Fixed")
        after = deployment_settings(
            policy=options.get("DeploymentPolicy", before.policy), batch=f"{size}%" if unit == "Percentage" else size
        )
        assert required_changes(policy, batch, after, instances) == {}


@given(st.sampled_from(["1%", "30%", "100%", "1", "3", "50"]), st.integers(0, 100))
def test_a_batch_has_at_least_one_instance(batch, instances):
    assert batch_size(batch, instances) >= 1


class TestDeadline:
    @given(st.sampled_from(POLICIES), st.sampled_from(["30%", "1"]), st.integers(1, 50))
    def test_every_batch_may_take_its_whole_timeout(self, policy, batch, instances):
        assert deadline(deployment_settings(policy=policy, batch=batch), instances) >= timedelta(seconds=840)
        one_by_one = deadline(deployment_settings(policy="Rolling", batch="1"), instances)
        assert one_by_one >= timedelta(seconds=840) * instances

    def test_the_worked_example_of_its_docstring_holds(self):
        assert deadline(deployment_settings(policy="Rolling", batch="30%"), 4) == timedelta(minutes=71)
