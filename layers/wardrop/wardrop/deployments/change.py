"""The records of an environment, and the changes that the ledger writes in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from wardrop.alerts.model import Alert
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.standing import Standing
from wardrop.environments.settings import DeploymentSettings, SettingsReading
from wardrop.evidence.log_request import LogRequest
from wardrop.guard.guarded_update import GuardedUpdate


@dataclass(frozen=True)
class Change:
    """A change of the ledger. Nothing is written if another invocation has changed one of the records."""

    deployments: Sequence[Deployment] = ()
    """Changed deployments, and new deployments. A new deployment has the revision 0."""

    standing: Standing | None = None
    """The new standing of the environment. None: the standing does not change."""

    settings: Mapping[str, DeploymentSettings] = field(default_factory=dict)
    """Deployment settings, keyed by environment. The last write wins, because the latest reading is always right."""

    unchanged: Sequence[Standing] = ()
    """Standings of other environments. If one of them has changed since it was read, nothing is written."""

    alerts: Sequence[Alert] = ()
    joined: Sequence[Standing] = ()
    """Changed standings. These environments already run the content of a drop, or already have a deployment of it."""

    @property
    def version_must_exist(self) -> list[Deployment]:
        """Returns new deployments, and rollbacks that have not claimed an update yet.

        Their versions must not be marked for deletion.
        """
        return [
            deployment
            for deployment in self.deployments
            if deployment.revision == 0
            or (deployment.is_active and deployment.rollback is not None and deployment.update is None)
        ]


@dataclass(frozen=True)
class EnvironmentRecord:
    """The records of one environment, from one consistent query."""

    standing: Standing
    deployments: list[Deployment]
    """The active deployments."""

    settings: DeploymentSettings | None = None
    """The recorded settings. None: no settings have been read from Beanstalk yet."""

    guarded: GuardedUpdate | None = None
    """The newest update that was started outside Wardrop. None: Wardrop has seen no such update yet."""

    log_request: LogRequest | None = None
    """The request for the logs of the instances. None: no logs are expected."""


@dataclass(frozen=True)
class ActiveEnvironments:
    """The environments in the ledger's sparse index.

    The index is eventually consistent. Therefore it is used only to find out which records to read.
    """

    deploying: set[str]
    """The names of environments with an active deployment."""

    with_settings: dict[str, SettingsReading]
    """The environments whose settings are recorded, each with the time at which the settings were read."""

    with_incidents: set[str]
    """The names of environments with an open incident."""

    aborting: set[str] = field(default_factory=set)
    """The names of environments with an update that was started outside Wardrop and that Wardrop is to abort."""

    alarms: dict[str, list[str]] = field(default_factory=dict)
    """The environments with an active deployment, each with the names and patterns of the alarms to watch."""

    explaining: set[str] = field(default_factory=set)
    """The names of environments with a pending request for instance logs."""
