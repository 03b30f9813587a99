"""The input of every decision on a deployment, and what a decision needs to be read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Flag, auto

from wardrop.deployments.deployment import Deployment
from wardrop.deployments.standing import Standing
from wardrop.environments.fleet import NOT_READ, Fleet
from wardrop.environments.model import Environment, Event
from wardrop.environments.settings import DeploymentSettings


@dataclass(frozen=True)
class Situation:
    deployment: Deployment
    standing: Standing
    environment: Environment
    settle: timedelta
    """How long an update must be over before evidence against the version counts."""

    now: datetime
    events: Sequence[Event] = ()
    """All events of the environment since the claim, oldest first."""

    fleet: Fleet = NOT_READ
    settings: DeploymentSettings | None = None
    """None: not read."""

    @property
    def own_events(self) -> list[Event]:
        update = self.deployment.update
        request_id = update.request_id if update else None
        return [event for event in self.events if event.request_id and event.request_id == request_id]


class Need(Flag):
    """What a step of a deployment is decided from, in addition to the ledger and the environment."""

    NOTHING = 0
    CURRENT_ENVIRONMENT = auto()
    """The environment as it is now: what a wake-up saw some seconds ago is not enough to start an update."""

    EVENTS = auto()
    INSTANCES = auto()
    PROGRESS = auto()
    """The instances. They may be missing if Beanstalk throttles, because no decision depends on them."""

    SETTINGS = auto()
    """Settings that were read a few minutes ago are enough, if the environment has not changed since."""

    CURRENT_SETTINGS = auto()
