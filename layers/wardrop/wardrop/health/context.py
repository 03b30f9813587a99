"""What a person who reads of an incident asks next: why, on how many instances, and what was deployed."""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from wardrop.alerts.model import LastDeployment, Running
from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.ledger.ledger import Ledger
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.standing import Standing
from wardrop.deployments.state import State
from wardrop.deployments.verdict import CONSEQUENCES
from wardrop.environments.model import Environment
from wardrop.health.incident import Told, under_way

RECENT = timedelta(hours=1)
"""What Beanstalk warned of before that is another story."""

BLAMED = timedelta(hours=6)
"""A version that has not been live for longer is worth taking back."""

MOST_EVENTS = 5
MOST_LOOKUPS = 10
"""In one invocation: when very many fall ill at once, telling it comes first."""

HEALTH_EVENTS = "Environment health has"

_logger = logging.getLogger(__name__)


@dataclass
class Found:
    causes: list[str] = field(default_factory=list)
    instances: dict[str, int] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)
    running: Running | None = None
    last_deployment: LastDeployment | None = None
    next_step: str | None = None
    missing: str = ""
    """Said at the end of the text, where something could not be looked up."""


@dataclass(frozen=True)
class Circumstances:
    beanstalk: Beanstalk
    ledger: Ledger

    def lookups(self) -> "Lookups":
        return Lookups(self)

    def look_up(self, name: str, shown: Environment, found: Found, now: datetime) -> None:
        """Fills in what can be found, in the order of worth; raises what the first call raises that fails."""
        known = self.ledger.now(name)
        past = self.ledger.history(name, most=MOST_EVENTS)
        active = under_way(known.deployments)
        found.running = _running(shown, past)
        found.last_deployment = _last([active] if active else past)
        found.next_step = _next_step(shown, known.standing, active, past, now)
        if shown.reports_instances:
            found.causes, found.instances = self.beanstalk.health(name)
        warnings = self.beanstalk.warnings(name, now - RECENT)
        pointless = (HEALTH_EVENTS, *CONSEQUENCES)
        found.events = [one for one in dict.fromkeys(warnings) if not one.startswith(pointless)][:MOST_EVENTS]


class Lookups:
    """Those of one invocation: not too many, and none any more once one has failed."""

    def __init__(self, circumstances: Circumstances) -> None:
        self._circumstances = circumstances
        self._left = MOST_LOOKUPS

    def of(self, told: Told, shown: Environment | None, now: datetime) -> Found:
        name = told.incident.environment
        found = Found(next_step=f"wardrop status {name}" if told.is_trouble else None)
        if not told.is_trouble or shown is None:
            return found
        if self._left <= 0:
            found.missing = "; more was not looked up, for too much happens at once"
            return found
        self._left -= 1
        try:
            self._circumstances.look_up(name, shown, found, now)
        except Exception as error:  # the alert goes out, whatever becomes of this
            _logger.exception("not all of the circumstances of %s could be looked up", name)
            found.missing = f"; more could not be looked up: {str(error)[:200]}"
            self._left = 0
        return found


def _running(shown: Environment, past: list[Deployment]) -> Running | None:
    if shown.version_label is None:
        return None
    ours = (one for one in past if one.state is State.SUCCEEDED and one.label == shown.version_label)
    deployed = next(ours, None)
    return Running(label=shown.version_label, since=deployed.history[-1].at if deployed else None)


def _last(deployments: list[Deployment]) -> LastDeployment | None:
    """Of those that have begun, the newest."""
    begun = [one for one in deployments if one.update is not None]
    if not begun:
        return None
    last = max(begun, key=lambda one: one.history[-1].at)
    by = last.asked.by if last.asked else last.dropped_by
    return LastDeployment(label=last.label, state=last.state, at=last.history[-1].at, by=by)


def _next_step(
    shown: Environment, standing: Standing, active: Deployment | None, past: list[Deployment], now: datetime
) -> str:
    """Going back is worth a thought where Wardrop deployed what runs a short while ago, and knows a good one before."""
    running = _running(shown, past)
    fresh = active is None and running is not None and running.since is not None and now - running.since < BLAMED
    older = [one for one in standing.good if one.label != shown.version_label and one.environment_id == shown.id]
    return f"wardrop {'rollback' if fresh and older else 'status'} {shown.name}"
