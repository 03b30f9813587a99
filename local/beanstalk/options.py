"""Configuration options: the definitions of `options.json`, their defaults, and what values they take."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .exceptions import ConfigurationValidationException
from .tables import table

Settings = dict[tuple[str, str], str]
"""Values by namespace and option name."""

Given = Mapping[str, Any]
"""A request or a part of one, with AWS's names, checked against the model."""

COMMAND = "aws:elasticbeanstalk:command"
ASG = "aws:autoscaling:asg"
ENVIRONMENT = "aws:elasticbeanstalk:environment"
HEALTH = "aws:elasticbeanstalk:healthreporting:system"
SPLITTING = "aws:elasticbeanstalk:trafficsplitting"
ROLLING_UPDATE = "aws:autoscaling:updatepolicy:rollingupdate"
BALANCER = (
    (ENVIRONMENT, "EnvironmentType"),
    ("aws:ec2:vpc", "ELBScheme"),
    ("aws:ec2:vpc", "ELBSubnets"),
    ("aws:ec2:vpc", "VPCId"),
)
"""Options whose change takes the load balancer with it."""

INSTANCE_TYPE = ("aws:autoscaling:launchconfiguration", "InstanceType")

_NAMED = re.compile(r"(aws:elasticbeanstalk:environment:process|aws:elbv2:listener):[^:]+")
"""The last part is a name of the user's; `default` carries the definitions."""


def definition(namespace: str, name: str) -> dict[str, Any]:
    named = _NAMED.fullmatch(namespace)
    options: dict[str, dict[str, Any]] = table("options").get(f"{named[1]}:default" if named else namespace, {})
    if name not in options and "*" not in options:
        where = f"(Namespace: '{namespace}', OptionName: '{name}')"
        raise ConfigurationValidationException(f"Invalid option specification {where}: Unknown configuration setting.")
    return options.get(name) or options["*"]


def replaces(namespace: str, name: str) -> bool:
    """Whether a change of it replaces instances: Unknown stands for VPC and load balancer."""
    return definition(namespace, name)["ChangeSeverity"] in ("RestartEnvironment", "Unknown")


def defaults() -> Settings:
    return {
        (namespace, name): option["DefaultValue"]
        for namespace, options in table("options").items()
        for name, option in options.items()
        if "DefaultValue" in option
    }


def validated(given: Iterable[Given], current: Settings) -> Settings:
    """The settings of a request, checked one by one and against those that stay."""
    settings: Settings = {}
    for setting in given:
        namespace, name, value = checked(setting)
        settings[namespace, name] = value
    whole = current | settings
    if whole[COMMAND, "BatchSizeType"] == "Percentage" and int(whole[COMMAND, "BatchSize"]) > 100:
        raise _invalid(COMMAND, "BatchSize", whole[COMMAND, "BatchSize"], "Value exceeds maximum allowed value: 100")
    return settings


def checked(setting: Given) -> tuple[str, str, str]:
    """Namespace, name and value of one setting that its definition allows."""
    namespace, name, value = (setting.get(part, "") for part in ("Namespace", "OptionName", "Value"))
    if reason := _refusal(definition(namespace, name), value):
        raise _invalid(namespace, name, value, reason)
    return namespace, name, value


def changes(given: Given, current: Settings) -> Settings:
    """What OptionsToRemove, which go back to their defaults, and OptionSettings come to."""
    removed = [(option.get("Namespace"), option.get("OptionName")) for option in given.get("OptionsToRemove", ())]
    reset = {option: value for option, value in defaults().items() if option in removed}
    return reset | validated(given.get("OptionSettings", ()), current | reset)


def listed(settings: Settings) -> list[dict[str, Any]]:
    """As DescribeConfigurationSettings gives them, with the `ResourceName` that is in the definition."""
    return [
        definition(namespace, name) | {"Namespace": namespace, "OptionName": name, "Value": value}
        for (namespace, name), value in sorted(settings.items())
    ]


def described(asked: Sequence[Given]) -> list[dict[str, Any]]:
    """The definitions as DescribeConfigurationOptions gives them, all or those that were asked for."""
    wanted = [(option.get("Namespace"), option.get("OptionName")) for option in asked]
    return [
        {**option, "Namespace": namespace, "Name": name, "UserDefined": False}
        for namespace, named in table("options").items()
        for name, option in named.items()
        if name != "*" and (not wanted or (namespace, name) in wanted or (namespace, None) in wanted)
    ]


def _invalid(namespace: str, name: str, value: str, reason: str) -> ConfigurationValidationException:
    where = f"(Namespace: '{namespace}', OptionName: '{name}')"
    return ConfigurationValidationException(f"Invalid option value: '{value}' {where}: {reason}")


def _refusal(option: Given, value: str) -> str | None:
    """Why the option does not take the value. Of the wordings only that of the regex is known to be AWS's."""
    allowed = ["true", "false"] if option["ValueType"] == "Boolean" else option.get("ValueOptions")
    if allowed and value not in allowed:
        return f"Value is not one of the allowed values: [{', '.join(allowed)}]"
    if "MinValue" in option:
        if not re.fullmatch(r"-?\d+", value):
            return "Value is not a whole number"
        if int(value) < option["MinValue"]:
            return f"Value is less than minimum allowed value: {option['MinValue']}"
        if int(value) > option["MaxValue"]:
            return f"Value exceeds maximum allowed value: {option['MaxValue']}"
    if len(value) > option.get("MaxLength", len(value)):
        return f"Value exceeds maximum allowed length: {option['MaxLength']}"
    regex = option.get("Regex")
    if regex and not re.fullmatch(regex["Pattern"], value):
        return f"Value does not satisfy regex: '{regex['Pattern']}' [{regex['Label']}]"
    return None
