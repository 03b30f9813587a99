"""The descriptions of options that the layer has, and those of Beanstalk."""

import pytest

from local.beanstalk.tables import table
from tests.unit.guard.samples import LAUNCH
from wardrop.environments.option import ENVIRONMENT_PROPERTIES
from wardrop.guard.descriptions import Description, ValueKind, describe, recorded


def test_the_severities_are_those_that_the_stand_in_answers_with():
    listed = {
        (namespace, name): option["ChangeSeverity"]
        for namespace, named in table("options").items()
        for name, option in named.items()
        if "Unlisted" not in option and not namespace.startswith("aws:rds:")
    }
    assert listed == {
        option: description.severity for option, description in recorded().items() if description.severity
    }


def test_a_description_of_beanstalk_is_used_instead_of_the_recorded_one():
    ours = recorded()[LAUNCH, "InstanceType"]
    theirs = Description(severity="NoInterruption")
    assert describe((LAUNCH, "InstanceType"), recorded()) == ours
    assert describe((LAUNCH, "InstanceType"), {(LAUNCH, "InstanceType"): theirs}) == theirs


def test_an_option_that_beanstalk_does_not_list_keeps_its_kind_and_has_no_severity():
    assert describe((LAUNCH, "RootVolumeSize"), {}) == Description(kind=ValueKind.NUMBER)
    assert describe(("aws:new", "Option"), {}) is None


@pytest.mark.parametrize(
    ("namespace", "name"),
    [
        ("aws:elbv2:listener:443", "Protocol"),
        ("aws:elbv2:listenerrule:admin", "Priority"),
        ("aws:elasticbeanstalk:environment:process:admin", "Port"),
        ("aws:elb:listener:443", "ListenerProtocol"),
        ("aws:elb:policies:stickiness", "CookieName"),
    ],
)
def test_the_last_part_of_some_namespaces_is_a_name_of_the_user(namespace, name):
    assert describe((namespace, name), recorded()) is not None
    assert describe((namespace, "Nonsense"), recorded()) is None


@pytest.mark.parametrize("namespace", [ENVIRONMENT_PROPERTIES, "aws:elasticbeanstalk:container:tomcat:jvmoptions"])
def test_options_whose_names_the_user_chooses_restart_application_servers(namespace):
    for descriptions in (recorded(), {}):
        described = describe((namespace, "ANY"), descriptions)
        assert described is not None
        assert described.severity == "RestartApplicationServer"
