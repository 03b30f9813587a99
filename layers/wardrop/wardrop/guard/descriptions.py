"""The descriptions of options: the severity of a change, the default value, and the kind of the value.

`options.json` contains the descriptions. The severities are from a published response of DescribeConfigurationOptions.
An option without a public description has no severity. The defaults are from the AWS developer guide, "General options
for all environments". Defaults that depend on the platform are omitted. The default of SSHSourceRestriction is also
omitted, because environments show `tcp,22,22,null` instead.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

import msgspec

from wardrop.environments.option import ENVIRONMENT_PROPERTIES, Option
from wardrop.structs import replace


class ValueKind(StrEnum):
    """The kinds of values. The kind determines whether two strings are the same value."""

    TEXT = "Text"
    BOOLEAN = "Boolean"
    NUMBER = "Number"
    DURATION = "Duration"
    SET = "Set"
    """A list whose order has no meaning, such as subnets."""

    SEQUENCE = "Sequence"
    """A list whose order has a meaning.

    For example, the first entry of InstanceTypes is preferred, and the first entry of SSLCertificateArns is the default
    certificate. SSHSourceRestriction consists of protocol, ports and source, in this order.
    """

    SECURITY_GROUPS = "SecurityGroups"
    BLOCK_DEVICES = "BlockDevices"
    INSTANCE_PROFILE = "InstanceProfile"
    ROLE = "Role"
    JSON = "Json"


class Description(msgspec.Struct, frozen=True, kw_only=True):
    severity: str | None = None
    """The ChangeSeverity. None: the option has no public description."""

    kind: ValueKind = ValueKind.TEXT
    default: str | None = None


Descriptions = Mapping[Option, Description]

_NAMED = re.compile(
    r"(aws:elasticbeanstalk:environment:process|aws:elbv2:listener|aws:elbv2:listenerrule):[^:]+"
    r"|(aws:elb:listener|aws:elb:policies):[^:]+"
)
"""Namespaces whose last part is a name that the user chooses."""

_ANY_NAME = (
    ENVIRONMENT_PROPERTIES,
    "aws:elasticbeanstalk:container:tomcat:jvmoptions",
    "aws:elasticbeanstalk:environment:proxy:staticfiles",
)
"""Namespaces in which the user chooses the names of options."""


@cache
def recorded() -> Descriptions:
    """Returns the descriptions in options.json. If they are sufficient, Wardrop does not need a call to Beanstalk."""
    table = msgspec.json.decode(
        Path(__file__).with_name("options.json").read_bytes(), type=dict[str, dict[str, Description]]
    )
    return {(namespace, name): option for namespace, options in table.items() for name, option in options.items()}


def describe(option: Option, descriptions: Descriptions) -> Description | None:
    """Returns the description of an option, or None if the option is unknown.

    If only options.json contains the option, the platform does not list it. In this case, the severity and the default
    are None, unless users choose the names of the options in the namespace.
    """
    if description := _look_up(option, descriptions):
        return description
    if on_record := _look_up(option, recorded()):
        return on_record if _general(option[0]) in _ANY_NAME else replace(on_record, severity=None, default=None)
    return None


def is_named(namespace: str) -> bool:
    """Whether the namespace belongs to an object that the user defines, such as an additional listener.

    The defaults of its options are in force only while the object exists.
    """
    return _general(namespace) != namespace


def without_default(description: Description) -> Description:
    return replace(description, default=None)


def _look_up(option: Option, descriptions: Descriptions) -> Description | None:
    namespace, name = option
    general = _general(namespace)
    return next((descriptions[key] for key in (option, (general, name), (general, "*")) if key in descriptions), None)


def _general(namespace: str) -> str:
    named = _NAMED.fullmatch(namespace)
    if named is None:
        return namespace
    return f"{named[1]}:default" if named[1] else named[2]
