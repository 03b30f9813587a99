"""Decides how old data may be before Wardrop reads it again."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import assert_never

from wardrop.deployments.deployment import Deployment
from wardrop.deployments.steps import (
    Adopt,
    AlarmRaised,
    AskApproval,
    Bake,
    Deploy,
    End,
    Prepare,
    Recheck,
    Remind,
    Report,
    Requeue,
    RollBack,
    Step,
    Unchecked,
    Unhealthy,
    Wait,
)
from wardrop.environments.model import Environment

ENVIRONMENT = timedelta(seconds=10)
"""The maximum age of an environment's state that Wardrop uses without reading it again.

Example: the environment is read at 12:00:00. An evaluation at 12:00:09 uses this state. An evaluation at 12:00:11
reads the environment again. After a claim at 12:00:05, the state of 12:00:00 is not used.
"""

NEW_VERSION = timedelta(minutes=5)
"""The maximum age of a new version that Wardrop deploys without checking that Beanstalk still has the version.

Example: a drop is uploaded at 12:00. From 12:05 on, its version is checked.
"""


def most_recent(
    read: Iterable[tuple[datetime | None, Environment | None]], claimed_at: datetime | None, now: datetime
) -> Environment | None:
    """Returns the latest of the given states, or None if every state is too old or was read before the claim."""
    oldest = max(claimed_at or now - ENVIRONMENT, now - ENVIRONMENT)
    fresh = [(at, environment) for at, environment in read if at and environment and at > oldest]
    return max(fresh, key=lambda pair: pair[0])[1] if fresh else None


def is_provisional(step: Step) -> bool:
    """Whether a later evaluation can correct the step.

    A step that cannot be corrected must not depend on the environment's state in a wake-up message.
    """
    match step:
        case Wait() | AskApproval() | Recheck() | Unhealthy() | AlarmRaised() | Unchecked() | Report() | Remind():
            return True
        case Adopt() | Requeue() | Bake() | Deploy() | Prepare() | RollBack() | End():
            return False
        case _:
            assert_never(step)


def is_new(deployment: Deployment, now: datetime) -> bool:
    """Whether the deployment is from a drop whose version Wardrop has just created."""
    is_drop = deployment.asked is None and deployment.rollback is None and deployment.release is not None
    return is_drop and now - deployment.arrival[0] < NEW_VERSION
