"""Reads an environment's settings and the descriptions of its options, and lets Beanstalk validate new settings."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from wardrop.aws.beanstalk_answers import is_denied, settings_of, translated
from wardrop.environments.model import Environment
from wardrop.environments.option import Option, OptionSetting, written
from wardrop.errors import Refused, Unavailable
from wardrop.guard.descriptions import Description, Descriptions, ValueKind, describe, recorded
from wardrop.guard.plan import Message

if TYPE_CHECKING:
    from mypy_boto3_elasticbeanstalk import ElasticBeanstalkClient

_KINDS = {
    "Boolean": ValueKind.BOOLEAN,
    "List": ValueKind.SET,
    "CommaSeparatedList": ValueKind.SET,
    "Json": ValueKind.JSON,
}


class OptionSettings:
    """Every method that calls Beanstalk may raise NotNow. It raises Unavailable if the permission is missing."""

    def __init__(self, client: "ElasticBeanstalkClient") -> None:
        self._client = client
        self._remembered: dict[str, Descriptions] = {}

    def in_force(self, environment: Environment) -> dict[Option, str]:
        """Returns the settings in force. Also raises Unavailable if Beanstalk returns no settings."""
        with _reading("DescribeConfigurationSettings"):
            answer = self._client.describe_configuration_settings(
                ApplicationName=environment.application, EnvironmentName=environment.name
            )
        if not (settings := settings_of(answer, "deployed")):
            raise Unavailable(
                f"Beanstalk returned no settings for {environment.name}; Wardrop's role may lack a permission"
            )
        return settings

    def remembers(self, environment: Environment) -> bool:
        """Whether Wardrop remembers the descriptions, so that `descriptions` does not call Beanstalk."""
        return environment.platform in self._remembered

    def descriptions(self, environment: Environment) -> Descriptions:
        """Returns the descriptions of all options of the environment's platform version, and remembers them."""
        if remembered := self._remembered.get(environment.platform):
            return remembered
        with _reading("DescribeConfigurationOptions"):
            answer = self._client.describe_configuration_options(EnvironmentName=environment.name)
        if not answer.get("Options"):
            raise Unavailable(
                f"Beanstalk returned no options for {environment.name}; Wardrop's role may lack a permission"
            )
        described = ((option["Namespace"], option["Name"], option) for option in answer["Options"])
        descriptions = {
            (namespace, name): _description((namespace, name), option) for namespace, name, option in described
        }
        if environment.platform:
            self._remembered[environment.platform] = descriptions
        return descriptions

    def validate(self, environment: Environment, settings: Sequence[OptionSetting]) -> list[Message]:
        """Returns the messages of ValidateConfigurationSettings, which does not change the environment."""
        sent: list[Any] = [
            {"Namespace": setting.namespace, "OptionName": setting.option, "Value": setting.value or ""}
            for setting in settings
        ]
        try:
            with _reading("ValidateConfigurationSettings"):
                answer = self._client.validate_configuration_settings(
                    ApplicationName=environment.application, EnvironmentName=environment.name, OptionSettings=sent
                )
        except Refused as error:
            return [Message(message=error.reason)]
        return [_message(message) for message in answer.get("Messages", [])]


@contextmanager
def _reading(operation: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if is_denied(error):
            raise Unavailable(f"Wardrop is not allowed to call {operation}: {error}") from error
        raise translated(error) from error


def _description(option: Option, described: Mapping[str, Any]) -> Description:
    """Returns the description of an option.

    If options.json states a kind, this kind takes precedence over Beanstalk's value type, because Beanstalk describes
    instance profiles and durations only as Scalar.
    """
    on_record = describe(option, recorded())
    is_number = "MinValue" in described or "MaxValue" in described
    kind = _KINDS.get(described.get("ValueType", ""), ValueKind.NUMBER if is_number else ValueKind.TEXT)
    return Description(
        severity=described.get("ChangeSeverity"),
        kind=on_record.kind if on_record and on_record.kind is not ValueKind.TEXT else kind,
        default=described.get("DefaultValue"),
    )


def _message(message: Mapping[str, Any]) -> Message:
    namespace, name = message.get("Namespace"), message.get("OptionName")
    return Message(
        subject=written((namespace, name)) if namespace and name else "",
        message=message.get("Message", ""),
        is_error=message.get("Severity") != "warning",
    )
