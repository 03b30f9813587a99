"""Incidents, one for each environment that is not well, and what is known of one at a look."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from wardrop.alerts.model import Kind, Severity
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.state import State
from wardrop.environments.model import Environment, Health

SEVERITIES = {
    Health.INFO: Severity.INFO,
    Health.WARNING: Severity.WARNING,
    Health.DEGRADED: Severity.ERROR,
    Health.SEVERE: Severity.CRITICAL,
}
"""By the health that was reached: Beanstalk's own events say WARN of an environment that serves nobody."""

UNDER_WAY = (State.PREPARING, State.DEPLOYING, State.BAKING, State.ROLLING_BACK)


class Phase(StrEnum):
    """What people have been told."""

    UNTOLD = "untold"
    OPEN = "open"
    FLAPPING = "flapping"
    CLOSED = "closed"


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """The newest one of an environment, also after it is over."""

    id: str
    application: str
    environment: str
    environment_id: str | None = None
    opened_at: datetime
    health: Health
    """The newest that is known."""

    before: Health | None = None
    as_of: datetime
    """Of the newest evidence that changed something; what is not newer changes nothing."""

    heard_at: datetime | None = None
    """Of the newest event."""

    bad_since: datetime | None = None
    """None: it is acceptable, or nobody knows."""

    recovered_at: datetime | None = None
    phase: Phase = Phase.UNTOLD
    worst: Health | None = None
    """The worst that people have been told."""

    flaps: int = 0
    """How often it came back."""

    change: int = 0
    """How many things have been told of it."""

    absent_since: datetime | None = None
    expires_at: int | None = None
    revision: int = 0
    unknown: dict[str, Any] = {}

    @property
    def is_open(self) -> bool:
        """The next tick has to look at it again."""
        return self.bad_since is not None or self.phase in (Phase.OPEN, Phase.FLAPPING)


@dataclass(frozen=True)
class Transition:
    """An event's word on health."""

    at: datetime
    now: Health
    before: Health | None = None
    causes: str = ""


@dataclass(frozen=True)
class Evidence:
    """All that is known of one environment at a look."""

    name: str
    application: str
    environment: Environment | None
    """None: Beanstalk does not show it."""

    transitions: Sequence[Transition] = ()
    terminated_at: datetime | None = None
    deployment: Deployment | None = None
    """Ours, if one is under way there."""


@dataclass(frozen=True)
class Told:
    """What people should know, and the incident as it stands then."""

    kind: Kind
    at: datetime
    incident: Incident
    text: str
    title: str | None = None
    causes: str = ""

    @property
    def is_trouble(self) -> bool:
        return self.kind is not Kind.INCIDENT_RECOVERED

    @property
    def severity(self) -> Severity:
        return SEVERITIES[self.incident.health] if self.is_trouble else Severity.INFO


def under_way(deployments: Sequence[Deployment]) -> Deployment | None:
    """The one whose work shows in the environment's health."""
    return next((one for one in deployments if one.state in UNDER_WAY), None)
