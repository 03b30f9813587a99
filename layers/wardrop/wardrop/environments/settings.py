"""The settings of an environment that determine how a deployment proceeds.

Source: AWS developer guide, "General options for all environments".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from wardrop.environments.model import Environment
from wardrop.environments.option import Option, may_be_shown, written
from wardrop.structs import replace

ENVIRONMENT = "aws:elasticbeanstalk:environment"
HEALTH = "aws:elasticbeanstalk:healthreporting:system"
COMMAND = "aws:elasticbeanstalk:command"
AUTO_SCALING_GROUP = "aws:autoscaling:asg"
SCHEDULED_ACTION = "aws:autoscaling:scheduledaction"
TRAFFIC_SPLITTING = "aws:elasticbeanstalk:trafficsplitting"

SCARCE = 0.95

MOST_RECORDED_CHARACTERS = 16_000
"""The limit for all recorded options together. An environment has about 150 options with about 40 characters each."""

MOST_VALUE_CHARACTERS = 256
"""A longer value, such as a ConfigDocument, is not recorded."""

OptionValues = Mapping[Option, str]
"""The values of options, keyed by namespace and name."""


READ_AGAIN_AFTER = timedelta(days=1)
"""The age at which Wardrop reads recorded settings again, even if DateUpdated is still the same.

AWS does not document whether every change of a setting changes DateUpdated. Example: settings that were read on Monday
at 12:00 are read again on Tuesday at 12:00.
"""


@dataclass(frozen=True)
class SettingsAndDraft:
    """The response to one call of DescribeConfigurationSettings."""

    in_force: OptionValues
    pending: OptionValues | None = None
    """The draft of an update in progress: the settings that the update will put into force.

    None: Beanstalk shows no draft.
    """


class VersionQuotaUse(msgspec.Struct, frozen=True, kw_only=True):
    """The usage of the region's quota for versions. `used` counts the versions that Wardrop's role may read."""

    at: datetime
    used: int
    quota: int

    @property
    def is_scarce(self) -> bool:
        return self.used > SCARCE * self.quota


class SettingsReading(msgspec.Struct, frozen=True, kw_only=True):
    """The time at which the settings of an environment were read."""

    at: datetime
    environment_updated_at: datetime | None = None
    """The environment's DateUpdated when the settings were read. None: DateUpdated was not recorded."""


class DeploymentSettings(msgspec.Struct, frozen=True, kw_only=True):
    at: datetime
    environment_updated_at: datetime | None = None
    """The environment's DateUpdated when the settings were read. None: DateUpdated was not recorded."""

    environment_id: str = ""
    load_balanced: bool
    application_load_balancer: bool = False
    worker: bool = False
    enhanced_health: bool = True
    min_size: int = 1
    policy: str = "AllAtOnce"
    batch: str = "100%"
    """`30%`, or a number of instances."""

    command_timeout: int = 600
    """The configured timeout in seconds. Beanstalk adds ADDED_TIMEOUT to it."""

    evaluation_minutes: int = 5
    ignores_health: bool = False
    options: dict[str, dict[str, str]] = {}
    """The option settings in force, keyed by namespace and name. Settings whose values may be secret are omitted."""

    unrecorded: list[str] = []
    """The options whose values are too long to be recorded, in the form namespace:option."""

    drifted: list[str] = []
    """The settings that have changed since the last good deployment, each with its old and its new value."""

    version_quota_use: VersionQuotaUse | None = None
    """The usage of the quota for application versions. None: the usage has not been read yet."""

    def without_options(self) -> "DeploymentSettings":
        """Returns a copy without the options, for a deployment's item, which must be small: it is written often."""
        return replace(self, options={}, unrecorded=[])


def read_settings(options: OptionValues, environment: Environment, at: datetime) -> DeploymentSettings:
    recorded, unrecorded = _recorded(options)
    return DeploymentSettings(
        at=at,
        environment_updated_at=environment.updated_at,
        environment_id=environment.id,
        load_balanced=options.get((ENVIRONMENT, "EnvironmentType"), "LoadBalanced") == "LoadBalanced",
        application_load_balancer=options.get((ENVIRONMENT, "LoadBalancerType")) == "application",
        worker=environment.tier == "Worker",
        enhanced_health=options.get((HEALTH, "SystemType"), "enhanced") == "enhanced",
        min_size=int(options.get((AUTO_SCALING_GROUP, "MinSize")) or 1),
        policy=options.get((COMMAND, "DeploymentPolicy")) or "AllAtOnce",
        batch=batch_of(options),
        command_timeout=int(options.get((COMMAND, "Timeout")) or 600),
        evaluation_minutes=int(options.get((TRAFFIC_SPLITTING, "EvaluationTime")) or 5),
        ignores_health=options.get((COMMAND, "IgnoreHealthCheck")) == "true",
        options=recorded,
        unrecorded=unrecorded,
    )


def batch_of(options: OptionValues) -> str:
    """Returns the size of a batch in the form of DeploymentSettings. Beanstalk's default is 100%."""
    size = options.get((COMMAND, "BatchSize")) or "100"
    is_percentage = options.get((COMMAND, "BatchSizeType"), "Percentage") == "Percentage"
    return f"{size}%" if is_percentage else size


def _recorded(options: OptionValues) -> tuple[dict[str, dict[str, str]], list[str]]:
    recorded: dict[str, dict[str, str]] = {}
    unrecorded: list[str] = []
    room = MOST_RECORDED_CHARACTERS
    for option, value in sorted(options.items()):
        if not may_be_shown(option):
            continue
        namespace, name = option
        if len(value) > MOST_VALUE_CHARACTERS or len(name) + len(value) > room:
            unrecorded.append(written(option))
            continue
        recorded.setdefault(namespace, {})[name] = value
        room -= len(name) + len(value)
    return recorded, unrecorded
