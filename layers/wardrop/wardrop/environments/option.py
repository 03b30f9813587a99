"""Configuration options of an environment, and the settings of options that somebody proposes."""

import re

import msgspec

Option = tuple[str, str]
"""Namespace and name."""

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
"""Beginnings of the namespaces whose values may be recorded and shown. Of all others only the names may be."""

_NAMED_AFTER_A_SECRET = re.compile(r"pass|secret|token|credential", re.IGNORECASE)


class OptionSetting(msgspec.Struct, frozen=True):
    """One option setting of `.ebextensions` or of a request.

    `value` is None if it may be secret, or is no short text. A value that is no scalar is JSON. `resource` is the
    resource's name where the namespace needs it, such as the name of a scheduled action.
    """

    namespace: str
    option: str
    value: str | None
    file: str = ""
    """Empty: the setting is not from a file."""

    resource: str | None = None

    @property
    def key(self) -> Option:
        return self.namespace, self.option


class ResourceOverride(msgspec.Struct, frozen=True):
    """A resource of Beanstalk's own template that `Resources` of a file in `.ebextensions` overrides.

    `properties` has a digest of each property's value. So two overrides can be compared without recording secrets.
    """

    resource: str
    """The logical id, such as AWSEBAutoScalingGroup."""

    properties: dict[str, str]
    file: str = ""


def may_be_shown(option: Option) -> bool:
    """Passwords are in JVM options and environment properties, and in options named after them."""
    namespace, name = option
    return namespace.startswith(WITHOUT_SECRETS) and not _NAMED_AFTER_A_SECRET.search(name)


def written(option: Option) -> str:
    """As it is written in requests and texts: `namespace:name`."""
    return ":".join(option)
