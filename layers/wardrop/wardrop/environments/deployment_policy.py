"""Chooses the deployment policy and the batch size, and computes the deadline and the downtime.

Source: AWS developer guide, "Deployment policies and settings".
"""

import math
from datetime import timedelta

from wardrop.environments.settings import DeploymentSettings

ROLLING = "rolling"
"""Wardrop's default, which is not a deployment policy of Beanstalk.

With `rolling`, AllAtOnce is replaced if the environment has a load balancer. Every other policy is kept.
"""

CAREFUL = ("Rolling", "RollingWithAdditionalBatch", "Immutable", "TrafficSplitting")
IN_BATCHES = ("Rolling", "RollingWithAdditionalBatch")
ALL = "100%"
"""The batch that contains all instances, whatever their number is."""

ADDED_TIMEOUT = 240
"""The seconds that Beanstalk adds to the command timeout (developer guide, general options, Timeout)."""

LAUNCH = timedelta(minutes=15)
"""The additional time to launch and terminate instances.

In public logs, an Immutable deployment takes up to 18 minutes.
"""


def required_changes(policy: str, batch: str, settings: DeploymentSettings, instances: int) -> dict[str, str]:
    """Returns the options of the namespace aws:elasticbeanstalk:command that must change before a deployment.

    `policy` is ROLLING, `keep` or a policy of Beanstalk. Raises ValueError if the environment does not support the
    configured policy.
    """
    if policy == "keep" or (policy == ROLLING and (settings.policy in CAREFUL or not settings.load_balanced)):
        return {}
    if policy == ROLLING:
        # With only one instance, every batch takes the whole service down.
        policy = "Rolling" if instances > 1 else "RollingWithAdditionalBatch"
    _check(policy, settings)
    options = {} if settings.policy == policy else {"DeploymentPolicy": policy}
    if policy in IN_BATCHES and settings.batch != batch:
        options["BatchSizeType"] = "Percentage" if batch.endswith("%") else "Fixed"
        options["BatchSize"] = batch.removesuffix("%")
    return options


def _check(policy: str, settings: DeploymentSettings) -> None:
    if not settings.load_balanced and policy not in ("AllAtOnce", "Immutable"):
        raise ValueError(f"{policy} needs a load balancer, and the environment has a single instance")
    if policy == "TrafficSplitting" and not settings.application_load_balancer:
        raise ValueError("TrafficSplitting needs an application load balancer")
    if policy in ("Immutable", "TrafficSplitting") and not settings.enhanced_health:
        raise ValueError(f"{policy} needs enhanced health, and the environment has basic health")


def batch_size(batch: str, instances: int) -> int:
    """Returns the smallest possible number of instances in a batch, because AWS does not document the rounding."""
    if batch.endswith("%"):
        return max(1, instances * int(batch[:-1]) // 100)
    return max(1, int(batch))


def largest_batch(batch: str, instances: int) -> int:
    """Returns the largest possible number of instances in a batch, because AWS does not document the rounding."""
    return math.ceil(instances * int(batch[:-1]) / 100) if batch.endswith("%") else int(batch)


def deadline(settings: DeploymentSettings, instances: int) -> timedelta:
    """Returns the longest time that a deployment may take, whether it succeeds or fails.

    Example: Rolling, 30 % of 4 instances, command timeout 600 s. A batch is 1 instance and takes at most
    600 + 240 s = 14 min; 4 batches and the launch time make 71 min.
    """
    batch = timedelta(seconds=settings.command_timeout + ADDED_TIMEOUT)
    batches = math.ceil(max(1, instances) / batch_size(settings.batch, instances))
    match settings.policy:
        case "Rolling":
            return batch * batches + LAUNCH
        case "RollingWithAdditionalBatch":
            return batch * (batches + 1) + LAUNCH
        case "Immutable":
            return batch * 3 + LAUNCH
        case "TrafficSplitting":
            return batch * 2 + timedelta(minutes=settings.evaluation_minutes) + LAUNCH
        case _:
            return batch + LAUNCH


def interruption(subject: str, settings: DeploymentSettings, instances: int | None) -> str:
    """Describes the effect of the policy on the service if no instance is replaced.

    `subject` is the deployment. If `instances` is None, the number of instances is not known.
    """
    if why := downtime(settings, instances):
        return f"{subject} takes the service down for a while: {why}"
    if doubt := availability_doubt(settings, instances):
        return f"cannot tell whether {subject} keeps the service up, because {doubt}"
    if settings.policy not in IN_BATCHES:
        return f"{subject} keeps the service up: {settings.policy}"
    fleet = f" of {instances}" if instances is not None else ""
    return f"{subject} keeps the service up: {settings.policy}, {settings.batch}{fleet} at a time"


def downtime(settings: DeploymentSettings, instances: int | None) -> str | None:
    """Returns the reason why the policy certainly takes the service down for a while, or None if it may not."""
    if settings.policy == "AllAtOnce":
        is_alone = not settings.load_balanced and (instances is None or instances <= 1)
        return "there is a single instance" if is_alone else "the policy is AllAtOnce"
    if settings.policy != "Rolling":
        return None
    contains_all = settings.batch == ALL if instances is None else batch_size(settings.batch, instances) >= instances
    return f"a batch of {settings.batch} contains all instances" if contains_all else None


def availability_doubt(settings: DeploymentSettings, instances: int | None) -> str | None:
    """Returns the reason why it is not known whether the service stays up, or None if it is known."""
    if settings.policy != "Rolling" or downtime(settings, instances):
        return None
    if instances is None:
        return "the number of instances was not read"
    if largest_batch(settings.batch, instances) >= instances:
        return f"AWS does not document whether Beanstalk rounds {settings.batch} of {instances} instances up or down"
    return None
