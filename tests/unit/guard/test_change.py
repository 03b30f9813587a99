"""One change, its effect and its sentence."""

import pytest

from tests.unit.guard.samples import ENVIRONMENT, IN_BATCHES, LAUNCH, VPC, bundle, in_force, request
from wardrop.environments.option import ResourceOverride
from wardrop.guard.descriptions import recorded
from wardrop.guard.effect import Effect
from wardrop.guard.plan import plan

INSTANCE_TYPE = (LAUNCH, "InstanceType")
PASSWORD = ("aws:elasticbeanstalk:application:environment", "PASSWORD")


def change(proposal, environment=None):
    (only,) = plan(environment or in_force(), proposal, recorded()).changes
    return only


@pytest.mark.parametrize(
    ("proposal", "environment", "effect", "sentence"),
    [
        (
            request({INSTANCE_TYPE: "m5.large"}),
            in_force(IN_BATCHES),
            Effect.REPLACES_IN_BATCHES,
            f"{LAUNCH}:InstanceType changes from t3.small to m5.large: all 4 instances are replaced, in batches",
        ),
        (request({INSTANCE_TYPE: "t3.small"}), in_force(), Effect.NOTHING, f"{LAUNCH}:InstanceType does not change"),
        (
            bundle({INSTANCE_TYPE: "m5.large"}),
            in_force(running=bundle({INSTANCE_TYPE: "t3.micro"})),
            Effect.NOTHING,
            f"{LAUNCH}:InstanceType does not change: a setting made through the API takes precedence over "
            ".ebextensions/a.config",
        ),
        (
            bundle({(VPC, "Subnets"): '{"Ref": "S"}'}),
            in_force(),
            Effect.CANNOT_TELL,
            "cannot tell whether aws:ec2:vpc:Subnets changes, because the new value is a reference, which only "
            "AWS CloudFormation can resolve; if it does: all 4 instances are replaced at once: downtime",
        ),
        (
            bundle({PASSWORD: None}),
            in_force(),
            Effect.RESTARTS,
            "aws:elasticbeanstalk:application:environment:PASSWORD may change: the application servers restart in "
            "batches",
        ),
        (
            request({(LAUNCH, "DisableIMDSv1"): "false"}),
            in_force({(LAUNCH, "DisableIMDSv1"): "true"}),
            Effect.REPLACES_AT_ONCE,
            f"{LAUNCH}:DisableIMDSv1 changes from true to false: all 4 instances are replaced at once: downtime; "
            "it may move the environment to a launch template",
        ),
    ],
)
def test_a_change_has_its_sentence(proposal, environment, effect, sentence):
    only = change(proposal, environment)
    assert (only.effect, only.sentence) == (effect, sentence)


def test_a_value_that_may_be_secret_is_never_shown():
    only = change(request({PASSWORD: "marlin"}))
    assert (only.before, only.after, only.effect) == (None, None, Effect.RESTARTS)
    assert "swordfish" not in repr(only)
    assert "marlin" not in repr(only)


@pytest.mark.parametrize(
    ("option", "options"),
    [
        (("aws:new", "Option"), {}),
        (("aws:ec2:instances", "SpotMaxPrice"), {}),
        (("aws:elb:listener:443", "SSLCertificateId"), {(ENVIRONMENT, "LoadBalancerType"): "classic"}),
    ],
)
def test_a_replacement_is_assumed_and_not_stated_if_the_effect_of_an_option_is_not_known(option, options):
    only = change(request({option: "2"}), in_force({option: "1"} | options))
    assert (only.effect, only.worst) == (Effect.CANNOT_TELL, Effect.REPLACES_AT_ONCE)
    assert only.reason == "the effect of this change is not known"
    assert only.sentence.startswith(f"{option[0]}:{option[1]} changes")
    assert only.sentence.endswith(
        ", and the effect is not known: Wardrop assumes that all 4 instances are replaced at once: downtime"
    )


def test_options_of_a_named_process_or_listener_have_the_effect_of_the_default_one():
    assert change(request({("aws:elbv2:listener:443", "Protocol"): "HTTPS"})).effect is Effect.UPDATES
    process = (f"{ENVIRONMENT}:process:admin", "Port")
    assert change(request({process: "8080"})).effect is Effect.UPDATES


@pytest.mark.parametrize(
    ("namespace", "kind"),
    [("aws:elb:listener", "application"), ("aws:elb:listener", "network"), ("aws:elbv2:x", "classic")],
)
def test_an_option_for_another_kind_of_load_balancer_has_no_effect(namespace, kind):
    environment = in_force({(ENVIRONMENT, "LoadBalancerType"): kind})
    only = change(request({(namespace, "InstancePort"): "8080"}), environment)
    assert only.effect is Effect.UPDATES
    assert only.sentence.endswith("without effect, because the environment does not have this type of load balancer")
    single = in_force({(ENVIRONMENT, "EnvironmentType"): "SingleInstance"})
    assert change(request({(namespace, "InstancePort"): "8080"}), single).effect is Effect.UPDATES


def group(**properties):
    return ResourceOverride("AWSEBAutoScalingGroup", properties, ".ebextensions/r.config")


@pytest.mark.parametrize(
    ("before", "after", "effect"),
    [
        ([group(MaxSize="a")], [group(MaxSize="a")], Effect.NOTHING),
        ([group(MaxSize="a")], [group(MaxSize="b")], Effect.UPDATES),
        ([], [group(VPCZoneIdentifier="a")], Effect.REPLACES_AT_ONCE),
        ([group(VPCZoneIdentifier="a")], [], Effect.REPLACES_AT_ONCE),
        ([], [ResourceOverride("AWSEBEC2LaunchTemplate", {"LaunchTemplateData": "a"})], Effect.REPLACES_AT_ONCE),
        ([], [ResourceOverride("AWSEBV2LoadBalancer", {"Scheme": "a"})], Effect.REPLACES_LOAD_BALANCER),
        ([], [ResourceOverride("AWSEBV2LoadBalancer", {"LoadBalancerAttributes": "a"})], Effect.UPDATES),
        ([], [ResourceOverride("AWSEBSomethingNew", {"Size": "a"})], Effect.CANNOT_TELL),
        (None, [group(VPCZoneIdentifier="a")], Effect.CANNOT_TELL),
        (None, [group(MaxSize="a")], Effect.UPDATES),
    ],
)
def test_an_override_of_a_resource_of_beanstalk_has_the_effect_of_its_changed_properties(before, after, effect):
    running = None if before is None else bundle({}, resources=before)
    assert change(bundle({}, resources=after), in_force(running=running)).effect is effect
