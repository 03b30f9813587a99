"""The option settings that a bundle brings along in `.ebextensions`."""

import re
from collections.abc import Iterable

import yaml

from wardrop.configuration.bounded_yaml import Bounded
from wardrop.environments.replacement import OptionSetting

MAX_TEXT_BYTES = 256
"""Of a name or a value that is kept."""

ENVIRONMENT_PROPERTIES = "aws:elasticbeanstalk:application:environment"
HARMLESS = (
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
"""Beginnings of the namespaces whose values are kept; of the others only the names are."""


class _Loader(Bounded, yaml.BaseLoader):
    """Every scalar is the text that stands there, whatever its tag, and CloudFormation's short tags do no harm."""


def read_settings(file: str, content: bytes) -> list[OptionSetting]:
    """The `option_settings` of one configuration file, in either of its two forms.

    Forms: AWS developer guide, "Option settings". Raises yaml.YAMLError or ValueError.
    """
    document = yaml.load(content, Loader=_Loader)  # noqa: S506 - it makes nothing but texts, lists and mappings
    if document in (None, ""):
        return []
    if not isinstance(document, dict):
        raise ValueError("not a mapping")
    settings: list[OptionSetting] = []
    for namespace, option, value in _pairs(document.get("option_settings")):
        if max(size_of(namespace), size_of(option)) > MAX_TEXT_BYTES:
            raise ValueError(f"an option of more than {MAX_TEXT_BYTES} bytes")
        shown = _scalar(value) if _is_harmless(namespace, option) else None
        settings.append(
            OptionSetting(
                whole_characters(namespace), whole_characters(option), shown and whole_characters(shown), file
            )
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
                # Without a namespace Beanstalk takes the entry as an environment property.
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


def _is_harmless(namespace: str, option: str) -> bool:
    """JVM options and environment properties are where passwords live."""
    return namespace.startswith(HARMLESS) and not re.search(r"pass|secret|token|credential", option, re.IGNORECASE)


def _scalar(value: object) -> str | None:
    return value if isinstance(value, str) and size_of(value) <= MAX_TEXT_BYTES else None


def whole_characters(text: str) -> str:
    """What JSON escapes as two surrogates is one character; half of one is none, and DynamoDB refuses it."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def size_of(text: str) -> int:
    return len(whole_characters(text).encode())
