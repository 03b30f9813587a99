"""The option settings in one configuration file of `.ebextensions`."""

import re
from collections.abc import Iterable

import yaml

from wardrop.configuration.bounded_yaml import BoundedLoader
from wardrop.drops.text import size_of, whole_characters
from wardrop.environments.replacement import OptionSetting

MAX_TEXT_BYTES = 256
"""Of a namespace, an option or a value that is recorded."""

ENVIRONMENT_PROPERTIES = "aws:elasticbeanstalk:application:environment"
WITHOUT_SECRETS = (
    "aws:autoscaling:",
    "aws:ec2:",
    "aws:elb",
    "aws:elasticbeanstalk:cloudwatch:",
    "aws:elasticbeanstalk:command",
    "aws:elasticbeanstalk:control",
    "aws:elasticbeanstalk:environment",
    "aws:elasticbeanstalk:healthreporting:",
    "aws:elasticbeanstalk:managedactions",
    "aws:elasticbeanstalk:trafficsplitting",
    "aws:elasticbeanstalk:xray",
)
"""Beginnings of the namespaces whose values are recorded. Of all others only the names are."""


class _Loader(BoundedLoader, yaml.BaseLoader):
    """Reads every scalar as text, whatever its tag, and so accepts CloudFormation's short tags."""


def read_settings(file: str, content: bytes) -> list[OptionSetting]:
    """Both forms of `option_settings` are read (AWS developer guide, "Option settings").

    Raises yaml.YAMLError or ValueError.
    """
    document = yaml.load(content, Loader=_Loader)  # noqa: S506 - it makes only texts, lists and mappings
    if document in (None, ""):
        return []
    if not isinstance(document, dict):
        raise ValueError("not a mapping")
    settings: list[OptionSetting] = []
    for namespace, option, value in _pairs(document.get("option_settings")):
        if max(size_of(namespace), size_of(option)) > MAX_TEXT_BYTES:
            raise ValueError(f"an option of more than {MAX_TEXT_BYTES} bytes")
        text = _short_text(value) if _may_be_recorded(namespace, option) else None
        settings.append(
            OptionSetting(whole_characters(namespace), whole_characters(option), text and whole_characters(text), file)
        )
    return settings


def _pairs(settings: object) -> Iterable[tuple[str, str, object]]:
    match settings:
        case None | "":
            return
        case list():
            for entry in settings:
                if not isinstance(entry, dict) or "option_name" not in entry:
                    raise ValueError("an entry of option_settings has no option_name")
                # Beanstalk reads an entry without a namespace as an environment property.
                yield (
                    str(entry.get("namespace") or ENVIRONMENT_PROPERTIES),
                    str(entry["option_name"]),
                    entry.get("value"),
                )
        case dict():
            for namespace, options in settings.items():
                if not isinstance(options, dict):
                    raise ValueError(f"option_settings of {namespace} is not a mapping")
                for option, value in options.items():
                    yield str(namespace), str(option), value
        case _:
            raise ValueError("option_settings is neither a list nor a mapping")


def _may_be_recorded(namespace: str, option: str) -> bool:
    """Passwords are in JVM options and environment properties, and in options named after them."""
    return namespace.startswith(WITHOUT_SECRETS) and not re.search(
        r"pass|secret|token|credential", option, re.IGNORECASE
    )


def _short_text(value: object) -> str | None:
    return value if isinstance(value, str) and size_of(value) <= MAX_TEXT_BYTES else None
