"""The option settings and the overridden resources in one configuration file."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.drops.samples import config
from wardrop.drops.config_file import parse
from wardrop.drops.config_settings import overrides_of, sections, settings_of
from wardrop.drops.config_value import Values
from wardrop.environments.option import ENVIRONMENT_PROPERTIES, OptionSetting

names = st.text(min_size=1, max_size=20).filter(str.isprintable)


def read_settings(content: bytes) -> list[OptionSetting]:
    return [*settings_of(sections(parse(content), Values()).get("option_settings"), "f")]


def read_overrides(content: bytes) -> list[tuple[str, list[str]]]:
    overrides = overrides_of(sections(parse(content), Values()), "f")
    return [(override.resource, list(override.properties)) for override in overrides]


def test_both_forms_of_option_settings_are_read():
    listed = b"""
option_settings:
  - namespace: aws:autoscaling:asg
    option_name: MinSize
    value: 2
  - {option_name: MODE, value: fast}
  - {namespace: "aws:autoscaling:scheduledaction", resource_name: Night, option_name: MinSize, value: 0}
"""
    mapped = b"option_settings:\n  aws:autoscaling:asg:\n    MinSize: 2\n    Cooldown: 1.5\n    X: true\n"
    settings = [
        (setting.namespace, setting.option, setting.value, setting.resource) for setting in read_settings(listed)
    ]
    assert settings == [
        ("aws:autoscaling:asg", "MinSize", "2", None),
        (ENVIRONMENT_PROPERTIES, "MODE", None, None),
        ("aws:autoscaling:scheduledaction", "MinSize", "0", "Night"),
    ]
    assert [setting.value for setting in read_settings(mapped)] == ["2", "1.5", "true"]


def test_values_that_may_be_secret_are_never_recorded():
    content = b"""
option_settings:
  aws:elasticbeanstalk:application:environment: {API_KEY: hunter2}
  aws:rds:dbinstance: {DBPassword: hunter2, DBUser: shop}
  aws:elasticbeanstalk:container:tomcat:jvmoptions: {JVM Options: -Ddb.password=hunter2}
  aws:autoscaling:launchconfiguration: {InstanceType: t3.small, SecretToken: hunter2}
Resources:
  AWSEBAutoScalingLaunchConfiguration:
    Properties: {UserData: hunter2}
"""
    settings = read_settings(content)
    assert [(setting.option, setting.value) for setting in settings] == [
        ("API_KEY", None),
        ("DBPassword", None),
        ("DBUser", None),
        ("JVM Options", None),
        ("InstanceType", "t3.small"),
        ("SecretToken", None),
    ]
    assert "hunter2" not in repr(config(content))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ('{"Version": 1, "Rules": {"b": false, "a": []}}', '{"Rules":{"a":[],"b":false},"Version":1}'),
        ("[sg-2, sg-1]", '["sg-2","sg-1"]'),
        ("!Ref AWSEBSecurityGroup", '{"Ref":"AWSEBSecurityGroup"}'),
        ("{Ref: AWSEBSecurityGroup}", '{"Ref":"AWSEBSecurityGroup"}'),
        ("~", None),
        ("x" * 300, None),
    ],
)
def test_a_value_that_is_no_text_is_recorded_as_json(written, value):
    content = f"option_settings:\n  aws:elasticbeanstalk:healthreporting:system:\n    ConfigDocument: {written}\n"
    assert [setting.value for setting in read_settings(content.encode())] == [value]


def test_settings_behind_aliases_and_merge_keys_are_read():
    content = b"""
x: &x {MinSize: 2}
base: &base
  option_settings:
    aws:autoscaling:asg: *x
<<: *base
"""
    assert [setting.value for setting in read_settings(content)] == ["2"]


def test_overrides_of_the_resources_of_beanstalk_are_listed_with_their_properties():
    content = b"""
Resources:
  AWSEBEC2LaunchTemplate:
    Properties:
      LaunchTemplateData: {InstanceType: m5.large}
  AWSEBAutoScalingGroup:
    UpdatePolicy: {AutoScalingRollingUpdate: {MaxBatchSize: 1}}
  Queue:
    Type: AWS::SQS::Queue
"""
    assert read_overrides(content) == [
        ("AWSEBEC2LaunchTemplate", ["LaunchTemplateData"]),
        ("AWSEBAutoScalingGroup", ["UpdatePolicy"]),
    ]


@pytest.mark.parametrize(
    "content", [b"Transform: AWS::Serverless-2016-10-31", b"Resources: {'Fn::Transform': {Name: AWS::Include}}"]
)
def test_a_macro_is_listed_as_an_override(content):
    [(resource, _)] = read_overrides(content)
    assert resource == "Fn::Transform"


def test_the_digests_of_equal_properties_are_equal():
    first, second, third = (
        config(f"Resources: {{AWSEBAutoScalingGroup: {{Properties: {properties}}}}}".encode()).resources
        for properties in ("{a: {x: 1, y: 2}}", "{a: {y: 2, x: 1}}", "{a: {x: 1, y: 3}}")
    )
    assert first == second
    assert first != third


@example({"<<": {"<<": "<<"}})
@given(st.dictionaries(names, st.dictionaries(names, st.text() | st.integers(), max_size=5), max_size=5))
def test_every_option_is_listed_once(chosen):
    listed = read_settings(json.dumps({"option_settings": chosen}).encode())
    assert [(setting.namespace, setting.option) for setting in listed] == [
        (namespace, option) for namespace, options in chosen.items() for option in options
    ]
