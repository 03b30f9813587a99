"""Configuration options: the definitions of `options.json`, their defaults, and their valid values."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from .exceptions import ConfigurationValidationException
from .tables import table

Option = tuple[str, str]
"""Namespace and name."""

Settings = dict[Option, str]

Given = Mapping[str, Any]
"""A request or a part of one, with AWS's names, checked against the model."""

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
"""A change of one of these options also replaces the load balancer."""

BALANCER_TYPE = (ENVIRONMENT, "LoadBalancerType")
INSTANCE_TYPE = ("aws:autoscaling:launchconfiguration", "InstanceType")
INSTANCE_TYPES = ("aws:ec2:instances", "InstanceTypes")
ROLLING_UPDATE_ENABLED = (ROLLING_UPDATE, "RollingUpdateEnabled")
ENABLING = tuple((ROLLING_UPDATE, name) for name in ("MaxBatchSize", "MinInstancesInService", "PauseTime"))
"""Setting any of them sets RollingUpdateEnabled as well (AWS developer guide, general options)."""

_NAMED = re.compile(
    r"(aws:elasticbeanstalk:environment:process|aws:elbv2:listener|aws:elbv2:listenerrule|aws:elb:policies):[^:]+"
    r"|(aws:elb:listener):\d+"
)
"""The last part is a name that the user chose.

The definition is under `default`, or under the namespace without the last part.
"""

_DURATION = re.compile(r"PT(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")


@dataclass(frozen=True)
class Configuration:
    """The settings of an environment, by source. `settings` resolves them."""

    explicit: Settings = field(default_factory=dict)
    """Settings from the API calls that created or updated the environment."""
    bundled: Settings = field(default_factory=dict)
    """Settings from the `.ebextensions` of the deployed version."""

    @cached_property
    def settings(self) -> Settings:
        """AWS developer guide, "Configuration options", precedence: API, then files, then defaults."""
        return defaults() | self.bundled | self.explicit

    def changed(self, given: Given) -> "Configuration":
        """Applies a request's OptionSettings. Its OptionsToRemove get the value of the files or the default."""
        removed = [(option.get("Namespace"), option.get("OptionName")) for option in given.get("OptionsToRemove", ())]
        kept = {option: value for option, value in self.explicit.items() if option not in removed}
        return replace(self, explicit=kept | validated(given.get("OptionSettings", ()))).checked()

    def checked(self) -> "Configuration":
        """Returns this configuration, or raises an error if settings contradict each other. The texts are not AWS's."""
        whole = self.settings
        if whole[COMMAND, "BatchSizeType"] == "Percentage" and int(whole[COMMAND, "BatchSize"]) > 100:
            reason = "Value exceeds maximum allowed value: 100"
            raise _invalid(COMMAND, "BatchSize", whole[COMMAND, "BatchSize"], reason)
        if int(whole[ASG, "MinSize"]) > int(whole[ASG, "MaxSize"]):
            raise _invalid(ASG, "MinSize", whole[ASG, "MinSize"], "Value is greater than that of MaxSize")
        return self

    def differing(self, other: "Configuration") -> list[Option]:
        """The options that another configuration sets to something else."""
        every = self.settings.keys() | other.settings.keys()
        return sorted(option for option in every if self.settings.get(option) != other.settings.get(option))

    @property
    def instance_type(self) -> str:
        """The first of InstanceTypes, where that is set; else the older InstanceType."""
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
    """Whether a change of the option replaces instances. VPC and load balancer options have the severity Unknown."""
    return severity(option) in ("RestartEnvironment", "Unknown")


def defaults() -> Settings:
    return {
        (namespace, name): option["DefaultValue"]
        for namespace, options in table("options").items()
        for name, option in options.items()
        if "DefaultValue" in option
    }


def validated(given: Iterable[Given]) -> Settings:
    """The settings of a request or a bundle. Raises an error if a definition does not allow one."""
    settings = {(namespace, name): value for namespace, name, value in map(checked, given)}
    if not settings.keys().isdisjoint(ENABLING):
        settings.setdefault(ROLLING_UPDATE_ENABLED, "true")
    return settings


def checked(setting: Given) -> tuple[str, str, str]:
    """Namespace, name and value of one setting that its definition allows."""
    namespace, name, value = (setting.get(part, "") for part in ("Namespace", "OptionName", "Value"))
    if reason := _refusal(definition(namespace, name), value):
        raise _invalid(namespace, name, value, reason)
    return namespace, name, value


def bundled(given: Sequence[Given]) -> Settings:
    """The settings of `.ebextensions`, some of which only the API may set."""
    for setting in given:
        if setting["Namespace"] == ENVIRONMENT and setting["OptionName"].startswith("ExternalExtensions"):
            where = _specification(ENVIRONMENT, setting["OptionName"])
            raise ConfigurationValidationException(f"{where}: External extensions can only be applied from the API")
    return validated(given)


def seconds(duration: str) -> int:
    """The seconds of an ISO 8601 duration such as `PT1H` or `PT5M30S`, the format of PauseTime and Timeout."""
    found = _DURATION.fullmatch(duration)
    if found is None:
        raise ValueError(duration)
    hours, minutes, rest = (int(number or 0) for number in found.groups())
    return hours * 3600 + minutes * 60 + rest


def listed(settings: Settings, tier: str) -> list[dict[str, Any]]:
    """The settings as DescribeConfigurationSettings returns them, with the `ResourceName` from the definition.

    Options of the other kind of load balancer are left out. Options of the queue's daemon are listed for workers only.
    """
    other = "aws:elbv2:" if settings[BALANCER_TYPE] == "classic" else "aws:elb:"
    hidden = (other,) if tier == "Worker" else (other, "aws:elasticbeanstalk:sqsd")
    return [
        definition(namespace, name) | {"Namespace": namespace, "OptionName": name, "Value": value}
        for (namespace, name), value in sorted(settings.items())
        if not namespace.startswith(hidden)
    ]


def described(asked: Sequence[Given]) -> list[dict[str, Any]]:
    """The definitions as DescribeConfigurationOptions returns them: all, or the requested ones."""
    wanted = [(option.get("Namespace"), option.get("OptionName")) for option in asked]
    return [
        {**option, "Namespace": namespace, "Name": name, "UserDefined": False}
        for namespace, named in table("options").items()
        for name, option in named.items()
        if name != "*" and (not wanted or (namespace, name) in wanted or (namespace, None) in wanted)
    ]


def _specification(namespace: str, name: str) -> str:
    return f"Invalid option specification (Namespace: '{namespace}', OptionName: '{name}')"


def _invalid(namespace: str, name: str, value: str, reason: str) -> ConfigurationValidationException:
    where = f"(Namespace: '{namespace}', OptionName: '{name}')"
    return ConfigurationValidationException(f"Invalid option value: '{value}' {where}: {reason}")


def _refusal(option: Given, value: str) -> str | None:
    """Why the option does not allow the value, or None. Only the text for the regex is known to be AWS's."""
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
