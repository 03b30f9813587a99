"""How options are described: the severity of a change, the default value, and the kind of the value.

`options.json` has the descriptions of this layer. Their severities are those of a public answer of
DescribeConfigurationOptions; an option without a severity has no public description. Defaults are those of the AWS
developer guide, "General options for all environments". Defaults that depend on the platform are omitted, and so is the
default of SSHSourceRestriction: environments show `tcp,22,22,null` instead.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

import msgspec

from wardrop.environments.option import ENVIRONMENT_PROPERTIES, Option
from wardrop.structs import replace


class Kind(StrEnum):
    """What a value means, and so which texts are the same value."""

    TEXT = "Text"
    BOOLEAN = "Boolean"
    NUMBER = "Number"
    DURATION = "Duration"
    SET = "Set"
    """A list whose order has no meaning, such as subnets."""

    SEQUENCE = "Sequence"
    """A list whose order has a meaning.

    The first of InstanceTypes is preferred. The first of SSLCertificateArns is the default certificate. The parts of
    SSHSourceRestriction are protocol, ports and source.
    """

    SECURITY_GROUPS = "SecurityGroups"
    BLOCK_DEVICES = "BlockDevices"
    INSTANCE_PROFILE = "InstanceProfile"
    ROLE = "Role"
    JSON = "Json"


class Description(msgspec.Struct, frozen=True, kw_only=True):
    severity: str | None = None
    """ChangeSeverity. None: there is no public description of the option."""

    kind: Kind = Kind.TEXT
    default: str | None = None


Descriptions = Mapping[Option, Description]

_NAMED = re.compile(
    r"(aws:elasticbeanstalk:environment:process|aws:elbv2:listener|aws:elbv2:listenerrule):[^:]+"
    r"|(aws:elb:listener|aws:elb:policies):[^:]+"
)
"""The last part is a name that the user chose."""

_ANY_NAME = (
    ENVIRONMENT_PROPERTIES,
    "aws:elasticbeanstalk:container:tomcat:jvmoptions",
    "aws:elasticbeanstalk:environment:proxy:staticfiles",
)
"""The user chooses the names of options in these namespaces."""


@cache
def recorded() -> Descriptions:
    """The descriptions of this layer, for when Beanstalk was not asked."""
    table = msgspec.json.decode(
        Path(__file__).with_name("options.json").read_bytes(), type=dict[str, dict[str, Description]]
    )
    return {(namespace, name): option for namespace, options in table.items() for name, option in options.items()}


def describe(option: Option, descriptions: Descriptions) -> Description | None:
    """None if neither the descriptions nor this layer have the option.

    An option that only this layer has gets no severity: the platform's descriptions do not list it.
    """
    if found := _look_up(option, descriptions):
        return found
    if ours := _look_up(option, recorded()):
        return ours if _general(option[0]) in _ANY_NAME else replace(ours, severity=None, default=None)
    return None


def _look_up(option: Option, descriptions: Descriptions) -> Description | None:
    namespace, name = option
    general = _general(namespace)
    return next((descriptions[key] for key in (option, (general, name), (general, "*")) if key in descriptions), None)


def _general(namespace: str) -> str:
    named = _NAMED.fullmatch(namespace)
    if named is None:
        return namespace
    return f"{named[1]}:default" if named[1] else named[2]
