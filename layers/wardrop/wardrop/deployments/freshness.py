"""How long what was read earlier may be used instead of another call."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from wardrop.deployments.deployment import Deployment
from wardrop.environments.model import Environment
from wardrop.environments.settings import READ_AGAIN_AFTER, DeploymentSettings

ENVIRONMENT = timedelta(seconds=10)
"""12:00:00 a tick reads the environment; 12:00:09 a look uses it; 12:00:11 a look reads it again. After a claim at
12:00:05, what was read at 12:00:00 is not used any more."""

NEW_VERSION = timedelta(minutes=5)
"""How long a new version is not compared with its bundle. A drop is uploaded at 12:00: its version is compared from
12:05 on."""


def most_recent(
    read: Iterable[tuple[datetime | None, Environment | None]], claimed_at: datetime | None, now: datetime
) -> Environment | None:
    """The most recently read environment. None: none of them is fresh and was read after the claim."""
    oldest = max(claimed_at or now - ENVIRONMENT, now - ENVIRONMENT)
    fresh = [(at, environment) for at, environment in read if at and environment and at > oldest]
    return max(fresh, key=lambda pair: pair[0])[1] if fresh else None


def is_current(settings: DeploymentSettings, environment: Environment, now: datetime) -> bool:
    return now - settings.at <= READ_AGAIN_AFTER and settings.environment_updated_at == environment.updated_at


def is_new(deployment: Deployment, now: datetime) -> bool:
    """Whether the version is that of a drop, and Wardrop has just made it."""
    is_drop = deployment.asked is None and deployment.rollback is None and deployment.release is not None
    return is_drop and now - deployment.arrival[0] < NEW_VERSION
