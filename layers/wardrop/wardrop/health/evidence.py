"""The evidence about an environment's health in one check.

The incident rules apply the evidence in the order of the following classes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from wardrop.deployments.deployment import Deployment
from wardrop.environments.model import Environment, Health
from wardrop.health.incident import Incident
from wardrop.health.rollout import Explains, Rollout

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
class Listed:
    """DescribeEnvironments lists the environment with this health status."""

    at: datetime
    health: Health
    environment_id: str


@dataclass(frozen=True)
class NotListed:
    """DescribeEnvironments does not list the environment. It was terminated, or Wardrop's role lacks the permission."""

    at: datetime


Evidence = NameReused | HealthEvent | TerminationEvent | Listed | NotListed


@dataclass(frozen=True)
class EventEvidence:
    """The reports about one environment in a batch of events."""

    application: str | None = None
    """The application that the events name. None: no event of the batch names an application."""

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
    """The state of the environment. None: DescribeEnvironments does not list it."""

    deployment: Deployment | None = None
    """Wardrop's deployment that is changing the environment."""

    rollout: Rollout | None = None
    """The last update that deployed a version, by the current deployment or by one that has just ended."""

    explains: Explains = Explains.NO
    """Whether a deployment in progress explains the health at the time of the check."""

    is_being_terminated: bool = False
    """Whether the environment is being terminated. Beanstalk reports Severe when the instances are terminated."""

    @property
    def is_being_changed(self) -> bool:
        return self.deployment is not None or (self.environment is not None and not self.environment.is_ready)

    def is_bad(self, health: Health) -> bool:
        return health.is_at_least(self.alert_from)

    def postpones(self, incident: Incident, at: datetime) -> bool:
        """Whether bad health at this time must not be reported yet.

        Health that a deployment in progress explains is not reported. If Wardrop does not know whether the deployment
        explains the health, or if the health is mild, the health is reported after `bad_for`. Example with a `bad_for`
        of 3 min, while the instances cannot be read: Severe from 12:00:00 on is reported at 12:03:00.
        """
        is_covered = self.rollout is not None and self.rollout.covers(at)
        if is_covered and self.explains is Explains.YES:
            return True
        is_mild = self.deployment is not None and not incident.health.is_at_least(Health.DEGRADED)
        is_unclear = is_covered and self.explains is Explains.CANNOT_TELL
        deployment = self.rollout.deployment if self.rollout is not None else self.deployment
        if deployment is None or not (is_mild or is_unclear):
            return False
        return at - (incident.bad_since or at) < deployment.rules.bad_for

    def is_of_another_environment(self, incident: Incident) -> bool:
        return self.environment is not None and incident.environment_id not in (None, self.environment.id)

    def evidence(self, events: EventEvidence, incident: Incident | None) -> list[Evidence]:
        """Returns the evidence in order of time. The response of DescribeEnvironments comes last, as it is current."""
        items: list[Evidence] = []
        if incident is not None and self.is_of_another_environment(incident):
            items.append(NameReused(self.now))
        if not self.is_being_terminated:
            items += sorted(events.health_events, key=lambda event: event.at)
        if events.terminated_at is not None:
            items.append(TerminationEvent(events.terminated_at))
        return [*items, self._answer()]

    def _answer(self) -> Listed | NotListed:
        """Returns the evidence from DescribeEnvironments."""
        if self.environment is None:
            return NotListed(self.now)
        return Listed(self.now, self.environment.health, self.environment.id)
