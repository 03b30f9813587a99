"""Beanstalk's answers about option settings that are not set yet."""

import pytest
from botocore.stub import Stubber

from tests.unit.fakes import client
from tests.unit.samples import environment
from wardrop.aws.option_settings import OptionSettings
from wardrop.environments.option import OptionSetting
from wardrop.errors import NotNow, Unavailable
from wardrop.guard.descriptions import Description, ValueKind
from wardrop.guard.plan import Message

LAUNCH = "aws:autoscaling:launchconfiguration"
OPERATIONS = {
    "describe_configuration_settings": lambda adapter: adapter.in_force(environment()),
    "describe_configuration_options": lambda adapter: adapter.descriptions(environment()),
    "validate_configuration_settings": lambda adapter: adapter.validate(environment(), []),
}


@pytest.fixture
def stub():
    with Stubber(client("elasticbeanstalk")) as stub:
        yield stub
        stub.assert_no_pending_responses()


@pytest.fixture
def adapter(stub):
    return OptionSettings(stub.client)


def option(name, **differs):
    return {"Namespace": LAUNCH, "Name": name, "ChangeSeverity": "RestartEnvironment", "ValueType": "Scalar"} | differs


def test_options_are_described_with_the_kinds_that_beanstalk_does_not_know(stub, adapter):
    options = [
        option("IamInstanceProfile"),
        option("RootVolumeSize", MinValue=8, MaxValue=16384),
        option("New", ValueType="CommaSeparatedList", DefaultValue="a"),
    ]
    stub.add_response("describe_configuration_options", {"Options": options}, {"EnvironmentName": "shop-staging"})
    severity = "RestartEnvironment"
    assert adapter.descriptions(environment()) == {
        (LAUNCH, "IamInstanceProfile"): Description(severity=severity, kind=ValueKind.INSTANCE_PROFILE),
        (LAUNCH, "RootVolumeSize"): Description(severity=severity, kind=ValueKind.NUMBER),
        (LAUNCH, "New"): Description(severity=severity, kind=ValueKind.SET, default="a"),
    }


def test_the_descriptions_of_a_platform_version_are_asked_for_once(stub, adapter):
    shop = environment(platform="tomcat/1")
    stub.add_response("describe_configuration_options", {"Options": [option("ImageId")]})
    assert not adapter.remembers(shop)
    assert adapter.descriptions(shop) == adapter.descriptions(shop)
    assert adapter.remembers(shop)
    assert not adapter.remembers(environment(platform="tomcat/2"))


def test_the_messages_of_a_validation_are_errors_unless_they_are_warnings(stub, adapter):
    messages = [
        {"Message": "Unknown configuration setting.", "Severity": "error", "Namespace": LAUNCH, "OptionName": "X"},
        {"Message": "odd", "Severity": "warning"},
    ]
    sent = {
        "ApplicationName": "shop",
        "EnvironmentName": "shop-staging",
        "OptionSettings": [{"Namespace": LAUNCH, "OptionName": "X", "Value": "1"}],
    }
    stub.add_response("validate_configuration_settings", {"Messages": messages}, sent)
    assert adapter.validate(environment(), [OptionSetting(LAUNCH, "X", "1")]) == [
        Message(subject=f"{LAUNCH}:X", message="Unknown configuration setting."),
        Message(message="odd", is_error=False),
    ]


def test_a_validation_that_fails_because_of_the_settings_is_a_refusal(stub, adapter):
    text = "LoadBalancer type option cannot be changed."
    stub.add_client_error("validate_configuration_settings", "ConfigurationValidationException", text, 400)
    assert adapter.validate(environment(), []) == [Message(message=text)]


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("code", ["AccessDenied", "InsufficientPrivilegesException"])
def test_a_missing_permission_is_named(stub, adapter, operation, code):
    stub.add_client_error(operation, code, "not authorized", 403)
    with pytest.raises(Unavailable, match="Wardrop is not allowed to call"):
        OPERATIONS[operation](adapter)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_throttled_call_may_be_repeated(stub, adapter, operation):
    stub.add_client_error(operation, "Throttling", "Rate exceeded", 400)
    with pytest.raises(NotNow):
        OPERATIONS[operation](adapter)


@pytest.mark.parametrize(
    ("operation", "answer"),
    [
        ("describe_configuration_settings", {"ConfigurationSettings": []}),
        ("describe_configuration_options", {"Options": []}),
    ],
)
def test_an_empty_answer_may_be_the_answer_to_a_role_without_permission(stub, adapter, operation, answer):
    stub.add_response(operation, answer)
    with pytest.raises(Unavailable, match="Wardrop's role may lack a permission"):
        OPERATIONS[operation](adapter)
