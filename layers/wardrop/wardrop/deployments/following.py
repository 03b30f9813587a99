"""Creates a deployment that follows another one: a promotion, or a repetition after another user's deployment."""

from datetime import datetime

from wardrop.configuration.rules import Rules
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.history import Moment
from wardrop.deployments.ids import deployment_id
from wardrop.deployments.state import State
from wardrop.structs import replace


def following(before: Deployment, environment: str, rules: Rules, reason: str, now: datetime) -> Deployment:
    """Queues the version of `before`, with the same drops, to an environment."""
    return Deployment(
        id=deployment_id(now, before.id, environment),
        application=before.application,
        environment=environment,
        label=before.label,
        state=State.QUEUED,
        reason=reason,
        arrival=before.arrival,
        drop=before.drop,
        dropped_by=before.dropped_by,
        joined=before.joined,
        origin=before.origin,
        release=before.release,
        rules=rules,
        promotes=before.promotes,
        stage=before.stage,
        history=[Moment(now, State.QUEUED, reason)],
    )


def repeated(superseded: Deployment, now: datetime) -> Deployment:
    """Queues the version again, because a drop of it is newer than the deployment that replaced it."""
    reason = (
        f"{superseded.label} was dropped again after somebody else's deployment to {superseded.environment} had "
        "started, so it is deployed again"
    )
    again, newest = following(superseded, superseded.environment, superseded.rules, reason, now), superseded.joined[-1]
    return replace(again, drop=newest.drop, dropped_by=newest.dropped_by, joined=[])
