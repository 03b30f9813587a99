"""The option settings in one configuration file."""

import json

from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.drops.samples import config
from wardrop.drops.ebextensions import read_settings
from wardrop.environments.option import ENVIRONMENT_PROPERTIES

names = st.text(min_size=1, max_size=20)


def test_both_forms_of_option_settings_are_read():
    listed = b"""
option_settings:
  - namespace: aws:autoscaling:asg
    option_name: MinSize
    value: 2
  - {option_name: MODE, value: fast}
"""
    mapped = b"option_settings:\n  aws:autoscaling:asg:\n    MinSize: 2\n    Cooldown: 1.5\n    X: true\n"
    settings = [(setting.namespace, setting.option, setting.value) for setting in read_settings("f", listed)]
    assert settings == [("aws:autoscaling:asg", "MinSize", "2"), (ENVIRONMENT_PROPERTIES, "MODE", None)]
    assert [setting.value for setting in read_settings("f", mapped)] == ["2", "1.5", "true"]


def test_json_is_read():
    content = json.dumps({"option_settings": {"aws:autoscaling:asg": {"MinSize": "2"}}})
    assert read_settings("f", content.encode())[0].value == "2"


def test_values_that_may_be_secret_are_never_recorded():
    content = b"""
option_settings:
  aws:elasticbeanstalk:application:environment: {API_KEY: hunter2}
  aws:rds:dbinstance: {DBPassword: hunter2, DBUser: shop}
  aws:elasticbeanstalk:container:tomcat:jvmoptions: {JVM Options: -Ddb.password=hunter2}
  aws:autoscaling:launchconfiguration: {InstanceType: t3.small, SecretToken: hunter2}
"""
    settings = read_settings("f", content)
    assert [(setting.option, setting.value) for setting in settings] == [
        ("API_KEY", None),
        ("DBPassword", None),
        ("DBUser", None),
        ("JVM Options", None),
        ("InstanceType", "t3.small"),
        ("SecretToken", None),
    ]
    assert "hunter2" not in repr(config(content))


def test_short_tags_of_cloudformation_are_accepted():
    content = b"""
Resources:
  Topic: {Name: !Sub "${AWS::StackName}-x", Arn: !GetAtt [A, Arn], Z: !If [a, {b: c}, d]}
option_settings:
  aws:elasticbeanstalk:sns:topics: {Notification Topic ARN: !Ref Topic}
"""
    [setting] = config(content).settings
    assert (setting.option, setting.value) == ("Notification Topic ARN", None)


def test_a_few_aliases_are_accepted():
    content = b"x: &x {MinSize: 2}\noption_settings:\n  aws:autoscaling:asg: *x\n"
    assert [setting.value for setting in config(content).settings] == ["2"]


@example({"<<": {"<<": "<<"}})
@given(st.dictionaries(names, st.dictionaries(names, st.text() | st.integers(), max_size=5), max_size=5))
def test_every_option_is_listed_once(chosen):
    listed = read_settings("f", json.dumps({"option_settings": chosen}).encode())
    assert [(setting.namespace, setting.option) for setting in listed] == [
        (namespace, option) for namespace, options in chosen.items() for option in options
    ]
