"""The evidence of an environment's health in one check, in the order in which the incident rules apply it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from wardrop.deployments.deployment import Deployment
from wardrop.environments.model import Environment, Health
from wardrop.health.incident import Incident

MAX_DATE_AHEAD = timedelta(minutes=5)
"""The tolerance for dates in the future, because the clocks differ.

Example: at 12:00:00, an event with the date 12:04:59 counts. The date 12:05:01 is wrong.
"""


@dataclass(frozen=True)
class NameReused:
    """DescribeEnvironments lists another environment with the name of the incident's environment."""

    at: datetime


@dataclass(frozen=True)
class HealthEvent:
    """An event reports a health status."""

    at: datetime
    health: Health
    before: Health | None = None
    causes: str = ""


@dataclass(frozen=True)
class TerminationEvent:
    """An event reports that the environment was terminated."""

    at: datetime


@dataclass(frozen=True)
class Shown:
    """DescribeEnvironments lists the environment with this health status."""

    at: datetime
    health: Health
    environment_id: str


@dataclass(frozen=True)
class NotShown:
    """DescribeEnvironments does not list the environment. It was terminated, or Wardrop's role may not read it."""

    at: datetime


Evidence = NameReused | HealthEvent | TerminationEvent | Shown | NotShown


@dataclass(frozen=True)
class EventEvidence:
    """The reports about one environment in a batch of events."""

    application: str | None = None
    """None: no event of the batch names the application."""

    health_events: tuple[HealthEvent, ...] = ()
    terminated_at: datetime | None = None


@dataclass(frozen=True)
class HealthCheck:
    """One check of one environment's health."""

    name: str
    application: str
    now: datetime
    alert_from: Health
    """The mildest health status that counts as bad."""

    environment: Environment | None
    """None: DescribeEnvironments does not list the environment."""

    deployment: Deployment | None = None
    """Wardrop's deployment that is changing the environment."""

    @property
    def is_being_changed(self) -> bool:
        return self.deployment is not None or (self.environment is not None and not self.environment.is_ready)

    def is_bad(self, health: Health) -> bool:
        return is_bad(health, self.alert_from)

    def is_of_another_environment(self, incident: Incident) -> bool:
        return self.environment is not None and incident.environment_id not in (None, self.environment.id)

    def evidence(self, events: EventEvidence, incident: Incident | None) -> list[Evidence]:
        """The evidence in order. Events have their own times. DescribeEnvironments shows the present and comes last."""
        items: list[Evidence] = []
        if incident is not None and self.is_of_another_environment(incident):
            items.append(NameReused(self.now))
        items += sorted(events.health_events, key=lambda event: event.at)
        if events.terminated_at is not None:
            items.append(TerminationEvent(events.terminated_at))
        return [*items, self._answer()]

    def _answer(self) -> Shown | NotShown:
        """The evidence from DescribeEnvironments."""
        if self.environment is None:
            return NotShown(self.now)
        return Shown(self.now, self.environment.health, self.environment.id)


def is_bad(health: Health, alert_from: Health) -> bool:
    return health.severity is not None and health.severity >= (alert_from.severity or 0)
