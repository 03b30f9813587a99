"""What the ledger records of an environment."""

from dataclasses import dataclass

from wardrop.deployments.deployment import Deployment
from wardrop.deployments.standing import Standing
from wardrop.environments.settings import DeploymentSettings


@dataclass(frozen=True)
class EnvironmentRecord:
    """Everything in it was read by one consistent query."""

    standing: Standing
    deployments: list[Deployment]
    """The active ones."""

    settings: DeploymentSettings | None = None
    """None: the deployment settings have not been read yet."""


@dataclass(frozen=True)
class ActiveEnvironments:
    """Names of environments, from an eventually consistent index: they say where to look, and decide nothing."""

    deploying: set[str]
    """Those with an active deployment."""

    with_settings: set[str]
    """Those with recorded deployment settings."""

    with_incidents: set[str]
    """Those with an open incident."""
