"""Configuration options, with the definitions, defaults and valid values from `options.json`."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from .exceptions import ConfigurationValidationException
from .tables import table

Option = tuple[str, str]
"""The namespace and the name of an option."""

Settings = dict[Option, str]

Given = Mapping[str, Any]
"""A request, or a part of it. The members have AWS's names. It has already been checked against the API model."""

COMMAND = "aws:elasticbeanstalk:command"
ASG = "aws:autoscaling:asg"
ENVIRONMENT = "aws:elasticbeanstalk:environment"
HEALTH = "aws:elasticbeanstalk:healthreporting:system"
SPLITTING = "aws:elasticbeanstalk:trafficsplitting"
ROLLING_UPDATE = "aws:autoscaling:updatepolicy:rollingupdate"
PROPERTIES = "aws:elasticbeanstalk:application:environment"
BALANCER = (
    (ENVIRONMENT, "EnvironmentType"),
    ("aws:ec2:vpc", "ELBScheme"),
    ("aws:ec2:vpc", "ELBSubnets"),
    ("aws:ec2:vpc", "VPCId"),
)
"""If one of these options changes, the load balancer is replaced in addition to the instances."""

BALANCER_TYPE = (ENVIRONMENT, "LoadBalancerType")
INSTANCE_TYPE = ("aws:autoscaling:launchconfiguration", "InstanceType")
INSTANCE_TYPES = ("aws:ec2:instances", "InstanceTypes")
ROLLING_UPDATE_ENABLED = (ROLLING_UPDATE, "RollingUpdateEnabled")
ENABLING = tuple((ROLLING_UPDATE, name) for name in ("MaxBatchSize", "MinInstancesInService", "PauseTime"))
"""If one of these options is set, RollingUpdateEnabled is set, too (AWS developer guide, general options)."""

_NAMED = re.compile(
    r"(aws:elasticbeanstalk:environment:process|aws:elbv2:listener|aws:elbv2:listenerrule|aws:elb:policies):[^:]+"
    r"|(aws:elb:listener):\d+"
)
"""Namespaces whose last part the user chooses.

The definitions are under the namespace with `default` as the last part, or under the namespace without this part.
"""

_DURATION = re.compile(r"PT(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")


@dataclass(frozen=True)
class Configuration:
    """The settings of an environment, by their source. The property `settings` combines the sources."""

    explicit: Settings = field(default_factory=dict)
    """Settings from the API calls that created or updated the environment."""
    bundled: Settings = field(default_factory=dict)
    """Settings from the `.ebextensions` of the deployed version."""

    @cached_property
    def settings(self) -> Settings:
        """The combined settings (guide, "Configuration options").

        Settings from the API override settings from files, and both override the defaults.
        """
        return defaults() | self.bundled | self.explicit

    def changed(self, given: Given) -> "Configuration":
        """Applies the request's OptionSettings and OptionsToRemove to the settings from the API."""
        removed = [(option.get("Namespace"), option.get("OptionName")) for option in given.get("OptionsToRemove", ())]
        kept = {option: value for option, value in self.explicit.items() if option not in removed}
        return replace(self, explicit=kept | validated(given.get("OptionSettings", ()))).checked()

    def checked(self) -> "Configuration":
        """Returns this configuration. Raises an error if settings contradict each other. The messages are not AWS's."""
        whole = self.settings
        if whole[COMMAND, "BatchSizeType"] == "Percentage" and int(whole[COMMAND, "BatchSize"]) > 100:
            reason = "Value exceeds maximum allowed value: 100"
            raise _invalid(COMMAND, "BatchSize", whole[COMMAND, "BatchSize"], reason)
        if int(whole[ASG, "MinSize"]) > int(whole[ASG, "MaxSize"]):
            raise _invalid(ASG, "MinSize", whole[ASG, "MinSize"], "Value is greater than that of MaxSize")
        if whole[HEALTH, "SystemType"] == "basic" and whole[COMMAND, "DeploymentPolicy"] == "Immutable":
            raise _invalid(COMMAND, "DeploymentPolicy", "Immutable", "Immutable requires enhanced health reporting")
        return self

    def differing(self, other: "Configuration") -> list[Option]:
        """Returns the options whose values differ between the two configurations."""
        every = self.settings.keys() | other.settings.keys()
        return sorted(option for option in every if self.settings.get(option) != other.settings.get(option))

    @property
    def instance_type(self) -> str:
        """The first entry of InstanceTypes. If InstanceTypes is not set, the older option InstanceType is used."""
        several = (self.bundled | self.explicit).get(INSTANCE_TYPES)
        return several.split(",")[0].strip() if several else self.settings[INSTANCE_TYPE]


def definition(namespace: str, name: str) -> dict[str, Any]:
    every, named = table("options"), _NAMED.fullmatch(namespace)
    general = next((each for each in (named[1], named[2]) if each), "") if named else namespace
    options: dict[str, dict[str, Any]] = every.get(f"{general}:default", every.get(general, {}))
    if name not in options and "*" not in options:
        text = f"{_specification(namespace, name)}: Unknown configuration setting."
        raise ConfigurationValidationException(text)
    return options.get(name) or options["*"]


def severity(option: Option) -> str:
    return str(definition(*option)["ChangeSeverity"])


def replaces(option: Option) -> bool:
    """Whether changing the option replaces instances. VPC options have the severity Unknown, and replace instances."""
    return severity(option) in ("RestartEnvironment", "Unknown")


def defaults() -> Settings:
    return {
        (namespace, name): option["DefaultValue"]
        for namespace, options in table("options").items()
        for name, option in options.items()
        if "DefaultValue" in option
    }


def validated(given: Iterable[Given]) -> Settings:
    """Returns the settings of a request or a bundle. Raises an error if a definition does not allow a setting."""
    settings = {(namespace, name): value for namespace, name, value in map(checked, given)}
    if not settings.keys().isdisjoint(ENABLING):
        settings.setdefault(ROLLING_UPDATE_ENABLED, "true")
    return settings


def checked(setting: Given) -> tuple[str, str, str]:
    """Returns the namespace, name and value of a setting.

    Raises an error if the definition does not allow the setting.
    """
    namespace, name, value = (setting.get(part, "") for part in ("Namespace", "OptionName", "Value"))
    if reason := _refusal(definition(namespace, name), value):
        raise _invalid(namespace, name, value, reason)
    return namespace, name, value


def bundled(given: Sequence[Given]) -> Settings:
    """Returns the settings in `.ebextensions`. Raises an error for options that only the API can set."""
    for setting in given:
        if setting["Namespace"] == ENVIRONMENT and setting["OptionName"].startswith("ExternalExtensions"):
            where = _specification(ENVIRONMENT, setting["OptionName"])
            raise ConfigurationValidationException(f"{where}: External extensions can only be applied from the API")
    return validated(given)


def seconds(duration: str) -> int:
    """Converts an ISO 8601 duration such as `PT1H` or `PT5M30S` to seconds. PauseTime and Timeout have this format."""
    match = _DURATION.fullmatch(duration)
    if match is None:
        raise ValueError(duration)
    hours, minutes, rest = (int(number or 0) for number in match.groups())
    return hours * 3600 + minutes * 60 + rest


def listed(settings: Settings, tier: str) -> list[dict[str, Any]]:
    """Returns the settings for DescribeConfigurationSettings, with the `ResourceName` from the definition.

    The list omits options of the other type of load balancer. It contains options of the queue daemon only for a worker
    environment.
    """
    other = "aws:elbv2:" if settings[BALANCER_TYPE] == "classic" else "aws:elb:"
    hidden = (other,) if tier == "Worker" else (other, "aws:elasticbeanstalk:sqsd")
    return [
        definition(namespace, name) | {"Namespace": namespace, "OptionName": name, "Value": value}
        for (namespace, name), value in sorted(settings.items())
        if not namespace.startswith(hidden)
    ]


def described(asked: Sequence[Given]) -> list[dict[str, Any]]:
    """Returns the definitions for DescribeConfigurationOptions.

    If no options are requested, returns all definitions.
    """
    requested = [(option.get("Namespace"), option.get("OptionName")) for option in asked]
    return [
        {**option, "Namespace": namespace, "Name": name, "UserDefined": False}
        for namespace, named in table("options").items()
        for name, option in named.items()
        if name != "*"
        and "Unlisted" not in option
        and (not requested or (namespace, name) in requested or (namespace, None) in requested)
    ]


def _specification(namespace: str, name: str) -> str:
    return f"Invalid option specification (Namespace: '{namespace}', OptionName: '{name}')"


def _invalid(namespace: str, name: str, value: str, reason: str) -> ConfigurationValidationException:
    where = f"(Namespace: '{namespace}', OptionName: '{name}')"
    return ConfigurationValidationException(f"Invalid option value: '{value}' {where}: {reason}")


def _refusal(option: Given, value: str) -> str | None:
    """Returns the reason why the option does not allow the value. None: the value is allowed.

    Only the message about a regex is AWS's own.
    """
    allowed = ["true", "false"] if option["ValueType"] == "Boolean" else option.get("ValueOptions")
    if allowed and value not in allowed:
        return f"Value is not one of the allowed values: [{', '.join(allowed)}]"
    if "MinValue" in option:
        if not re.fullmatch(r"-?\d{1,18}", value):
            return "Value is not a whole number"
        if int(value) < option["MinValue"]:
            return f"Value is less than minimum allowed value: {option['MinValue']}"
        if int(value) > option["MaxValue"]:
            return f"Value exceeds maximum allowed value: {option['MaxValue']}"
    if "Durations" in option:
        shortest, longest = option["Durations"]
        if not _DURATION.fullmatch(value) or not seconds(shortest) <= seconds(value) <= seconds(longest):
            return f"Value is not a duration from {shortest} to {longest}"
    if len(value) > option.get("MaxLength", len(value)):
        return f"Value exceeds maximum allowed length: {option['MaxLength']}"
    regex = option.get("Regex")
    if regex and not re.fullmatch(regex["Pattern"], value):
        return f"Value does not satisfy regex: '{regex['Pattern']}' [{regex['Label']}]"
    return None
