"""Configuration options: the definitions of `options.json`, their defaults, and what values they take."""

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from .exceptions import ConfigurationValidationException

Settings = dict[tuple[str, str], str]
"""Values by namespace and option name."""

COMMAND = "aws:elasticbeanstalk:command"
ASG = "aws:autoscaling:asg"
ENVIRONMENT = "aws:elasticbeanstalk:environment"
HEALTH = "aws:elasticbeanstalk:healthreporting:system"

_NAMED = re.compile(r"(aws:elasticbeanstalk:environment:process|aws:elbv2:listener):[^:]+")
"""Namespaces whose last part is a name of the user's; `default` carries the definitions."""


@cache
def definitions() -> Mapping[str, Mapping[str, dict[str, Any]]]:
    """By namespace and option; `*` stands for any name. DeploymentPolicy names the policies that there are here."""
    loaded: dict[str, dict[str, dict[str, Any]]] = json.loads(
        Path(__file__).with_name("options.json").read_text()
    )
    return loaded


def definition(namespace: str, name: str) -> dict[str, Any]:
    named = _NAMED.fullmatch(namespace)
    options = definitions().get(f"{named[1]}:default" if named else namespace, {})
    found = options.get(name, options.get("*"))
    if found is None:
        raise ConfigurationValidationException(
            f"Invalid option specification (Namespace: '{namespace}', OptionName: '{name}'): "
            "Unknown configuration setting."
        )
    return found


def defaults() -> Settings:
    return {
        (namespace, name): option["DefaultValue"]
        for namespace, options in definitions().items()
        for name, option in options.items()
        if "DefaultValue" in option
    }


def validated(given: Iterable[Mapping[str, str]], current: Settings) -> Settings:
    """The settings of a request, checked one by one and against those that stay."""
    settings: Settings = {}
    for setting in given:
        namespace, name, value = (
            setting.get("Namespace", ""),
            setting.get("OptionName", ""),
            setting.get("Value", ""),
        )
        reason = _refusal(definition(namespace, name), value)
        if reason:
            raise ConfigurationValidationException(
                f"Invalid option value: '{value}' (Namespace: '{namespace}', OptionName: '{name}'): {reason}"
            )
        settings[namespace, name] = value
    whole = current | settings
    size = int(whole[COMMAND, "BatchSize"])
    if whole[COMMAND, "BatchSizeType"] == "Percentage" and size > 100:
        raise ConfigurationValidationException(
            f"Invalid option value: '{size}' (Namespace: '{COMMAND}', OptionName: 'BatchSize'): "
            "Value exceeds maximum allowed value: 100"
        )
    return settings


def describe(namespace: str, name: str, option: Mapping[str, Any]) -> dict[str, Any]:
    """One entry of DescribeConfigurationOptions."""
    user_defined = option.get("Free", False)
    return {**option, "Namespace": namespace, "Name": name, "UserDefined": user_defined}


def _refusal(option: Mapping[str, Any], value: str) -> str | None:
    """Why the option does not take the value. Only the wording for a regular expression is known to be AWS's."""
    if option["ValueType"] == "Boolean" and value not in ("true", "false"):
        return "Value is not one of the allowed values: [true, false]"
    if value == "" and "Regex" not in option and "ValueOptions" not in option and "MinValue" not in option:
        return None
    allowed = option.get("ValueOptions")
    if allowed and value not in allowed:
        return f"Value is not one of the allowed values: [{', '.join(allowed)}]"
    if "MinValue" in option or "MaxValue" in option:
        if not re.fullmatch(r"-?\d+", value):
            return "Value is not a whole number."
        if int(value) < option.get("MinValue", int(value)):
            return f"Value is less than minimum allowed value: {option['MinValue']}"
        if int(value) > option.get("MaxValue", int(value)):
            return f"Value exceeds maximum allowed value: {option['MaxValue']}"
    if len(value) > option.get("MaxLength", len(value)):
        return f"Value exceeds maximum allowed length: {option['MaxLength']}"
    regex = option.get("Regex")
    if regex and not re.fullmatch(regex["Pattern"], value):
        return f"Value does not satisfy regex: '{regex['Pattern']}' [{regex['Label']}]"
    return None
