"""Configuration options, and their settings in `.ebextensions` files and requests."""

import re

import msgspec

Option = tuple[str, str]
"""The namespace and the name of an option."""

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
"""The prefixes of the namespaces whose values Wardrop is allowed to store and show.

For all other namespaces, Wardrop shows only the names of the options.
"""

_NAMED_AFTER_A_SECRET = re.compile(r"pass|secret|token|credential", re.IGNORECASE)


class OptionSetting(msgspec.Struct, frozen=True):
    """One option setting in `.ebextensions` or in a request.

    A list or a mapping is first converted to JSON. Then `value` is None if the value may be secret or is not a short
    string. If the namespace needs the name of a resource, such as a scheduled action, `resource` contains this name.
    """

    namespace: str
    option: str
    value: str | None
    file: str = ""
    """The path of the file in the bundle. Empty: the setting is not from a file."""

    resource: str | None = None

    @property
    def key(self) -> Option:
        return self.namespace, self.option


class ResourceOverride(msgspec.Struct, frozen=True):
    """A resource of Beanstalk's own template that the section `Resources` in `.ebextensions` overrides.

    `properties` contains a digest of each property's value, so that Wardrop can compare values without storing secrets.
    """

    resource: str
    """The logical id, such as AWSEBAutoScalingGroup."""

    properties: dict[str, str]
    file: str = ""


def may_be_shown(option: Option) -> bool:
    """Whether Wardrop is allowed to show the option's value.

    The values of JVM options, of environment properties, and of options with names such as `password` are hidden.
    """
    namespace, name = option
    return namespace.startswith(WITHOUT_SECRETS) and not _NAMED_AFTER_A_SECRET.search(name)


def written(option: Option) -> str:
    """Writes the option in the form `namespace:name`."""
    return ":".join(option)
