"""What an environment's settings mean for a deployment: how it will be done, for how long, at what cost.

Options: AWS developer guide, "General options for all environments" and "Deployment policies and settings".
"""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

COMMAND = "aws:elasticbeanstalk:command"
ENVIRONMENT = "aws:elasticbeanstalk:environment"
HEALTH = "aws:elasticbeanstalk:healthreporting:system"
ASG = "aws:autoscaling:asg"
SCHEDULED = "aws:autoscaling:scheduledaction"
SPLITTING = "aws:elasticbeanstalk:trafficsplitting"

CAREFUL = ("Rolling", "RollingWithAdditionalBatch", "Immutable", "TrafficSplitting")
IN_BATCHES = ("Rolling", "RollingWithAdditionalBatch")
ADDED_TIMEOUT = 240
"""Beanstalk adds so many seconds to the command timeout (developer guide, general options, Timeout)."""

LAUNCH = timedelta(minutes=15)
"""What launching and retiring instances may take besides; Immutable ones were seen to take up to 18 minutes."""

SCARCE = 0.95
"""Of the quota of application versions."""

REPLACING = {
    "aws:autoscaling:launchconfiguration": (
        "BlockDeviceMappings",
        "DisableIMDSv1",
        "EC2KeyName",
        "IamInstanceProfile",
        "ImageId",
        "InstanceType",
        "MonitoringInterval",
        "RootVolumeIOPS",
        "RootVolumeSize",
        "RootVolumeThroughput",
        "RootVolumeType",
        "SSHSourceRestriction",
        "SecurityGroups",
    ),
    "aws:ec2:instances": ("EnableSpot", "InstanceTypes", "SupportedArchitectures"),
    "aws:ec2:vpc": ("AssociatePublicIpAddress", "ELBScheme", "ELBSubnets", "Subnets", "VPCId"),
    ENVIRONMENT: ("EnvironmentType",),
    HEALTH: ("SystemType",),
}
"""Options whose change replaces instances or more: ChangeSeverity RestartEnvironment or Unknown in
DescribeConfigurationOptions, and the developer guide, "Environment configuration changes"."""

Settings = Mapping[tuple[str, str], str]
"""Values by namespace and option name."""


class VersionRoom(msgspec.Struct, frozen=True, kw_only=True):
    """How many application versions the region has, as far as Wardrop's role may see them, and may have."""

    at: datetime
    used: int
    quota: int

    @property
    def is_scarce(self) -> bool:
        return self.used > SCARCE * self.quota


class Preflight(msgspec.Struct, frozen=True, kw_only=True):
    """The settings that decide how a deployment goes."""

    at: datetime
    load_balanced: bool
    application_load_balancer: bool = False
    worker: bool = False
    enhanced_health: bool = True
    smallest: int = 1
    """How many instances there are at least."""

    policy: str = "AllAtOnce"
    batch: str = "100%"
    """`30%`, or a number of instances."""

    command_timeout: int = 600
    """Seconds, as configured; Beanstalk adds to it."""

    evaluation_minutes: int = 5
    ignores_health: bool = False
    scheduled_actions: bool = False
    """They block rolling updates of the instances."""

    version_room: VersionRoom | None = None
    """None: it has not been asked for yet."""

    in_force: list[str] = []
    """Options of REPLACING, as namespace:option=value."""

    def deadline(self, instances: int) -> timedelta:
        """Longer than a deployment that goes well or fails can take."""
        step = timedelta(seconds=self.command_timeout + ADDED_TIMEOUT)
        batches = math.ceil(max(1, instances) / batch_size(self.batch, instances))
        match self.policy:
            case "Rolling":
                return step * batches + LAUNCH
            case "RollingWithAdditionalBatch":
                return step * (batches + 1) + LAUNCH
            case "Immutable":
                return step * 3 + LAUNCH
            case "TrafficSplitting":
                return step * 2 + timedelta(minutes=self.evaluation_minutes) + LAUNCH
            case _:
                return step + LAUNCH


def read(settings: Settings, tier: str, at: datetime) -> Preflight:
    size = settings.get((COMMAND, "BatchSize")) or "100"
    percentage = settings.get((COMMAND, "BatchSizeType"), "Percentage") == "Percentage"
    return Preflight(
        at=at,
        load_balanced=settings.get((ENVIRONMENT, "EnvironmentType"), "LoadBalanced") == "LoadBalanced",
        application_load_balancer=settings.get((ENVIRONMENT, "LoadBalancerType")) == "application",
        worker=tier == "Worker",
        enhanced_health=settings.get((HEALTH, "SystemType"), "enhanced") == "enhanced",
        smallest=int(settings.get((ASG, "MinSize")) or 1),
        policy=settings.get((COMMAND, "DeploymentPolicy")) or "AllAtOnce",
        batch=f"{size}%" if percentage else size,
        command_timeout=int(settings.get((COMMAND, "Timeout")) or 600),
        evaluation_minutes=int(settings.get((SPLITTING, "EvaluationTime")) or 5),
        ignores_health=settings.get((COMMAND, "IgnoreHealthCheck")) == "true",
        scheduled_actions=any(namespace == SCHEDULED for namespace, _ in settings),
        in_force=sorted(
            f"{name}:{option}={value}" for (name, option), value in settings.items() if replacing(name, option)
        ),
    )


def batch_size(batch: str, instances: int) -> int:
    """Rounding is not documented; it rounds down here, so that a deadline errs on the long side."""
    if batch.endswith("%"):
        return max(1, instances * int(batch[:-1]) // 100)
    return max(1, int(batch))


def wanted(policy: str | None, batch: str, found: Preflight, instances: int) -> dict[str, str]:
    """The options of the namespace COMMAND to change before the deployment; none if all is as it should be.

    `policy` None is `rolling`. Raises ValueError if the environment cannot have the policy.
    """
    if policy == "keep" or (policy is None and (found.policy in CAREFUL or not found.load_balanced)):
        return {}
    if policy is None:
        # Out of one instance no batch can be taken without taking the service.
        policy = "Rolling" if instances > 1 else "RollingWithAdditionalBatch"
    if not found.load_balanced and policy not in ("AllAtOnce", "Immutable"):
        raise ValueError(f"{policy} needs a load balancer, and the environment has a single instance")
    if policy == "TrafficSplitting" and not found.application_load_balancer:
        raise ValueError("TrafficSplitting needs an application load balancer")
    if policy in ("Immutable", "TrafficSplitting") and not found.enhanced_health:
        raise ValueError(f"{policy} needs enhanced health, and the environment has basic health")
    options = {} if found.policy == policy else {"DeploymentPolicy": policy}
    if policy in IN_BATCHES and found.batch != batch:
        options["BatchSizeType"] = "Percentage" if batch.endswith("%") else "Fixed"
        options["BatchSize"] = batch.removesuffix("%")
    return options


def effect(found: Preflight, instances: int, brought: list[str]) -> str:
    """Whether the service stays up while this is deployed, and why not, in a sentence for the history.

    `brought`: the options in the bundle's `.ebextensions` that replace instances where they are not in force.
    Those that were set through the API win over them, which nothing in the settings shows.
    """
    if changed := [one for one in brought if one not in found.in_force]:
        blocked = ", which scheduled actions may block" if found.scheduled_actions else ""
        how = f"may replace the instances{blocked}, because .ebextensions set {', '.join(changed)}"
    elif found.policy == "AllAtOnce":
        alone = instances <= 1 and not found.load_balanced
        why = "there is a single instance" if alone else "the policy is AllAtOnce"
        how = f"takes the service down for a while: {why}"
    elif found.policy == "Rolling" and batch_size(found.batch, instances) >= instances:
        how = f"takes the service down for a while: a batch of {found.batch} is the whole fleet"
    elif found.policy in IN_BATCHES:
        how = f"keeps the service up: {found.policy}, {found.batch} of {instances} at a time"
    else:
        how = f"keeps the service up: {found.policy}"
    if found.ignores_health:
        how += "; health checks are ignored"
    if (room := found.version_room) and room.is_scarce:
        how += f"; {room.used} of {room.quota} application versions are taken"
    return how


def replacing(namespace: str, option: str) -> bool:
    return option in REPLACING.get(namespace, ())


class Setting(msgspec.Struct, frozen=True):
    """One option setting of `.ebextensions`; `value` is None if it may be secret, or is no short text."""

    namespace: str
    option: str
    value: str | None
    file: str

    @property
    def replaces_instances(self) -> bool:
        return replacing(self.namespace, self.option)
