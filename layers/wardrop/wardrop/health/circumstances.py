"""The details in an incident's alert: causes, instances, running version, last deployment, events, and next step."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wardrop.alerts.model import LastDeployment, Running
from wardrop.deployments.change import EnvironmentRecord
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.standing import Standing
from wardrop.deployments.state import State
from wardrop.environments.events import explains_health
from wardrop.environments.model import Environment

ROLLBACK_WINDOW = timedelta(hours=6)
"""The time after the deployment of the running version during which an alert proposes a rollback.

Example: a version was deployed at 12:00. An alert at 17:59 proposes `wardrop rollback`, and an alert at 18:00 proposes
`wardrop status`.
"""

MAX_EVENTS = 5
MAX_DEPLOYMENTS = 5

IN_PROGRESS = (State.PREPARING, State.DEPLOYING, State.BAKING, State.ROLLING_BACK)


@dataclass(frozen=True)
class Circumstances:
    next_step: str | None = None
    running: Running | None = None
    last_deployment: LastDeployment | None = None
    causes: Sequence[str] = ()
    instances: dict[str, int] | None = None
    """The number of instances for each health status. None: the numbers were not read, or health is basic."""

    events: Sequence[str] = ()
    missing: str = ""
    """A sentence about details that could not be read. The alert's text ends with this sentence."""


def from_ledger(
    environment: Environment, record: EnvironmentRecord, past: Sequence[Deployment], now: datetime
) -> Circumstances:
    """`past` are finished deployments, the newest first."""
    current = in_progress(record.deployments)
    label = environment.version_label
    return Circumstances(
        running=Running(label=label, since=_runs_since(label, past)) if label is not None else None,
        last_deployment=_last_deployment([current] if current else past),
        next_step=_next_step(environment, () if current else past, record.standing, now),
    )


def relevant(warnings: Iterable[str]) -> list[str]:
    return [text for text in dict.fromkeys(warnings) if explains_health(text)][:MAX_EVENTS]


def in_progress(deployments: Iterable[Deployment]) -> Deployment | None:
    """Returns the deployment that is changing the environment. Such a deployment affects the environment's health."""
    return next((deployment for deployment in deployments if deployment.state in IN_PROGRESS), None)


def status_command(environment: str) -> str:
    return f"wardrop status {environment}"


def _runs_since(label: str, past: Iterable[Deployment]) -> datetime | None:
    """Returns the end of the last deployment, or None if that deployment did not end with this version."""
    last = _last_begun(past)
    is_complete = last is not None and last.state in (State.SUCCEEDED, State.ROLLED_BACK)
    return last.history[-1].at if last is not None and is_complete and last.target_label == label else None


def _last_begun(deployments: Iterable[Deployment]) -> Deployment | None:
    """Returns the newest of the deployments that have begun to update the environment."""
    begun = (deployment for deployment in deployments if deployment.update is not None)
    return max(begun, key=lambda deployment: deployment.history[-1].at, default=None)


def _last_deployment(deployments: Iterable[Deployment]) -> LastDeployment | None:
    last = _last_begun(deployments)
    if last is None:
        return None
    by = last.asked.by if last.asked else last.dropped_by
    return LastDeployment(label=last.label, state=last.state, at=last.history[-1].at, by=by)


def _next_step(environment: Environment, past: Iterable[Deployment], standing: Standing, now: datetime) -> str:
    """`past` is empty while a deployment is in progress."""
    label = environment.version_label
    succeeded = (each.history[-1].at for each in past if each.state is State.SUCCEEDED and each.label == label)
    deployed_at = next(succeeded, None)
    is_fresh = deployed_at is not None and now - deployed_at < ROLLBACK_WINDOW
    others = [good for good in standing.good if good.label != label]
    has_older = any(good.environment_id == environment.id for good in others)
    return f"wardrop rollback {environment.name}" if is_fresh and has_older else status_command(environment.name)
