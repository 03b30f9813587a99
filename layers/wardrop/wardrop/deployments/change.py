"""What the ledger holds of an environment, and what one transaction writes to it: everything, or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from wardrop.alerts.model import Alert
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.standing import Standing
from wardrop.environments.settings import DeploymentSettings, SettingsReading
from wardrop.guard.guarded_update import GuardedUpdate


@dataclass(frozen=True)
class Change:
    """Refused as a whole if any record in it has changed since it was read, by its revision."""

    deployments: Sequence[Deployment] = ()
    """Changed ones, and new ones with revision 0."""

    standing: Standing | None = None
    """None: it does not change."""

    settings: Mapping[str, DeploymentSettings] = field(default_factory=dict)
    """Deployment settings by environment. They have no revision: the last reader is right."""

    unchanged: Sequence[Standing] = ()
    """Standings of other environments on which the change rests; they are checked and not written."""

    alerts: Sequence[Alert] = ()
    joined: Sequence[Standing] = ()
    """The changed standings of the environments in which a drop joins a deployment."""

    @property
    def version_must_exist(self) -> list[Deployment]:
        """Deployments whose version may not be under deletion: new ones, and rollbacks before their claim."""
        return [
            deployment
            for deployment in self.deployments
            if deployment.revision == 0
            or (deployment.is_active and deployment.rollback is not None and deployment.update is None)
        ]


@dataclass(frozen=True)
class EnvironmentRecord:
    """Everything in it was read by one consistent query."""

    standing: Standing
    deployments: list[Deployment]
    """The active ones."""

    settings: DeploymentSettings | None = None
    """None: the deployment settings have not been read yet."""

    guarded: GuardedUpdate | None = None
    """The newest update that somebody else started. None: Wardrop has seen no such update yet."""


@dataclass(frozen=True)
class ActiveEnvironments:
    """Names of environments, from an eventually consistent index: they say where to look, and decide nothing."""

    deploying: set[str]
    """Those with an active deployment."""

    with_settings: dict[str, SettingsReading]
    """Those with recorded deployment settings, and when these were read."""

    with_incidents: set[str]
    """Those with an open incident."""

    aborting: set[str] = field(default_factory=set)
    """Those with somebody else's update that is to be aborted."""
