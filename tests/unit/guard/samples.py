"""Environments and proposals that the tests of the guard share."""

from typing import Any

from tests.unit.samples import NOW, THEIR_REQUEST, seconds
from wardrop.environments.option import Option, OptionSetting
from wardrop.guard.effect import Effect
from wardrop.guard.guarded_update import AbortState, GuardedUpdate
from wardrop.guard.proposal import CurrentSettings, Proposal, ProposalSource

LAUNCH = "aws:autoscaling:launchconfiguration"
ROLLING = "aws:autoscaling:updatepolicy:rollingupdate"
ENVIRONMENT = "aws:elasticbeanstalk:environment"
VPC = "aws:ec2:vpc"

OPTIONS = {
    (ENVIRONMENT, "EnvironmentType"): "LoadBalanced",
    (ENVIRONMENT, "LoadBalancerType"): "application",
    ("aws:autoscaling:asg", "MinSize"): "4",
    ("aws:autoscaling:asg", "MaxSize"): "8",
    (LAUNCH, "InstanceType"): "t3.small",
    (LAUNCH, "SecurityGroups"): "awseb-e-abc123-stack-AWSEBSecurityGroup-1XYZ,sg-1",
    (VPC, "Subnets"): "subnet-1,subnet-2",
    (VPC, "ELBScheme"): "public",
    ("aws:elasticbeanstalk:command", "DeploymentPolicy"): "Rolling",
    ("aws:elasticbeanstalk:command", "BatchSize"): "30",
    ("aws:elasticbeanstalk:application:environment", "PASSWORD"): "swordfish",
}
"""Load-balanced, with four instances. Rolling updates of the configuration are disabled, as by default."""

IN_BATCHES = {(ROLLING, "RollingUpdateEnabled"): "true", (ROLLING, "RollingUpdateType"): "Health"}


def in_force(options: dict[Option, str] | None = None, **differs: Any) -> CurrentSettings:
    plain: dict[str, Any] = {"instances": 4, "environment_id": "e-abc123", "running": Proposal()}
    return CurrentSettings(options=OPTIONS | (options or {}), **(plain | differs))


def request(settings: dict[Option, str], **differs: Any) -> Proposal:
    return Proposal(settings=_settings(settings), source=ProposalSource.REQUEST, **differs)


def bundle(settings: dict[Option, str | None], **differs: Any) -> Proposal:
    return Proposal(settings=_settings(settings, ".ebextensions/a.config"), **differs)


def _settings(settings: Any, file: str = "") -> list[OptionSetting]:
    return [OptionSetting(namespace, name, value, file) for (namespace, name), value in settings.items()]


STARTED_AT = NOW - seconds(10)
DRAFT = OPTIONS | {(LAUNCH, "InstanceType"): "m5.large"}


def guarded(**differs: Any) -> GuardedUpdate:
    """An update of shop-staging by somebody else, which is to be aborted."""
    plain: dict[str, Any] = {
        "environment": "shop-staging",
        "environment_id": "e-1",
        "application": "shop",
        "request_id": THEIR_REQUEST,
        "started_at": STARTED_AT,
        "effect": Effect.REPLACES_AT_ONCE,
        "sentence": "all 4 instances are replaced at once: downtime",
        "abort": AbortState.REQUESTED,
    }
    return GuardedUpdate(**(plain | differs))
