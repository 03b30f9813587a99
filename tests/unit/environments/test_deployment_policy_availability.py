"""The sentence on whether the service stays available during a deployment."""

import pytest

from tests.unit.samples import NOW, deployment_settings
from wardrop.environments.deployment_policy import availability
from wardrop.environments.settings import VersionQuotaUse

INSTANCE_TYPE = "aws:autoscaling:launchconfiguration:InstanceType=m5.large"


@pytest.mark.parametrize(
    ("differs", "instances", "sentence"),
    [
        ({}, 4, "takes the service down for a while: the policy is AllAtOnce"),
        ({"load_balanced": False}, 1, "takes the service down for a while: there is a single instance"),
        ({"policy": "Rolling", "batch": "1"}, 4, "keeps the service up: Rolling, 1 of 4 at a time"),
        ({"policy": "Rolling", "batch": "4"}, 4, "takes the service down for a while: a batch of 4 is the whole"),
        ({"policy": "Immutable"}, 4, "keeps the service up: Immutable"),
        ({"policy": "Immutable", "ignores_health": True}, 4, "health checks are ignored"),
    ],
)
def test_it_says_whether_the_service_stays_up_and_if_not_why(differs, instances, sentence):
    assert sentence in availability(deployment_settings(**differs), instances, [])


def test_options_of_the_bundle_that_replace_instances_are_named_unless_the_environment_has_them():
    bundle_options = [INSTANCE_TYPE, "aws:ec2:vpc:VPCId=vpc-1"]
    settings = deployment_settings(policy="Rolling", replacing_options=bundle_options[1:])
    sentence = availability(settings, 4, bundle_options)
    assert sentence == f"may replace the instances, because .ebextensions set {INSTANCE_TYPE}"


def test_scheduled_actions_may_block_the_replacement_of_instances():
    sentence = availability(deployment_settings(policy="Rolling", scheduled_actions=True), 4, [INSTANCE_TYPE])
    assert sentence.startswith("may replace the instances, which scheduled actions may block, because .ebextensions")


@pytest.mark.parametrize(("used", "is_scarce"), [(950, False), (951, True)])
def test_a_quota_of_versions_that_is_almost_used_up_is_reported(used, is_scarce):
    settings = deployment_settings(version_quota_use=VersionQuotaUse(at=NOW, used=used, quota=1000))
    assert availability(settings, 4, []).endswith("; 951 of 1000 application versions are used") is is_scarce
