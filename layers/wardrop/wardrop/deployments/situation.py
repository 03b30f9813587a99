"""The input for decisions about a deployment, and the kinds of data that a decision may need."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Flag, auto

from wardrop.configuration.in_force import InForce
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.replacement import BundleFiles
from wardrop.deployments.standing import Standing
from wardrop.environments.fleet import NOT_READ, Fleet
from wardrop.environments.model import Environment, Event
from wardrop.environments.settings import DeploymentSettings
from wardrop.evidence.alarms import AlarmsReading


@dataclass(frozen=True)
class Situation:
    deployment: Deployment
    standing: Standing
    environment: Environment
    settle: timedelta
    """The time after the end of an update during which evidence against the version does not count yet."""

    now: datetime
    is_tick: bool = False
    """Whether the schedule caused this evaluation, rather than an event or a request."""

    events: Sequence[Event] = ()
    """All events of the environment since the claim, the oldest first.

    If Wardrop also plans the changes that the bundle makes, the list begins when a version was last proven good.
    """

    fleet: Fleet = NOT_READ
    settings: DeploymentSettings | None = None
    """The settings in force. None: the settings were not read."""

    files: BundleFiles | None = None
    """The `.ebextensions` of the version to deploy and of the running versions. None: the files were not read."""

    alarms: AlarmsReading | None = None
    """The states of the alarms.

    None: the alarms were not read, because no alarm is configured or no decision needs them.
    """

    configuration: InForce | None = None
    """The configuration in force. None: the configuration was not read."""

    is_snapshot: bool = False
    """Whether the environment's state is from a wake-up message.

    Such a state may be outdated. Before a step that cannot be corrected, Wardrop reads the state from Beanstalk.
    """

    @property
    def own_events(self) -> list[Event]:
        update = self.deployment.update
        request_id = update.request_id if update else None
        return [event for event in self.events if event.request_id and event.request_id == request_id]


class Need(Flag):
    """The data that a decision needs in addition to the ledger and the environment."""

    NOTHING = 0
    CURRENT_ENVIRONMENT = auto()
    """The environment's current state from Beanstalk, instead of the state in a wake-up message."""

    EVENTS = auto()
    INSTANCES = auto()
    PROGRESS = auto()
    """The instances, for a progress report. If Beanstalk throttles the call, the report is omitted."""

    CONFIGURATION = auto()
    """The configuration of the application, which may hold the deployment or require an approval."""

    SETTINGS = auto()
    """The settings in force, and the `.ebextensions` of the versions that may have set them."""

    ALARMS = auto()
    """The configured CloudWatch alarms."""


def alarms_needed(deployment: Deployment) -> Need:
    """A rollback does not need the alarms, because alarms that the bad version caused may still be in ALARM."""
    return Need.ALARMS if deployment.rules.alarms and deployment.rollback is None else Need.NOTHING
