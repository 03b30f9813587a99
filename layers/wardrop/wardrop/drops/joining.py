"""Decides whether a drop gets its own deployment or joins a deployment of the same content.

The upload of one file may result in several objects in S3, for example because of a copy in place, a second `sync`, or
a repeated build.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wardrop.deployments import line
from wardrop.deployments.change import EnvironmentRecord
from wardrop.deployments.deployment import Deployment, Joined
from wardrop.deployments.history import CLOCK_SKEW
from wardrop.deployments.standing import Standing
from wardrop.deployments.state import State
from wardrop.drops.inspected_drop import InspectedDrop
from wardrop.drops.label import states_label
from wardrop.environments.model import Environment, Instance
from wardrop.environments.version import Version
from wardrop.errors import NotNow, Rejected
from wardrop.structs import replace

ANSWER_TAKES = timedelta(seconds=15)
"""The time after a call to UpdateEnvironment during which no drop joins the deployment.

Example: Wardrop calls UpdateEnvironment at 12:00:00 and records the response at 12:00:02. If a drop changed the
deployment at 12:00:01, Wardrop could not record the response. Therefore, a drop at 12:00:01 waits. From 12:00:15 on,
the response counts as lost, and the drop joins the deployment.
"""


CONFIRMATION_SECONDS = 5
"""The time after which Wardrop looks again whether an environment runs the content of a drop.

Just after another user's update has begun, DescribeEnvironments may still return the state from before the update.

Example: v1 runs. Another user starts to deploy v2 at 12:00:00, and v1 is dropped again at 12:00:01. At that time, the
environment still seems to be Ready with v1. At 12:00:06 it is Updating, so v1 is queued.
"""


class AnswerPending(NotNow):
    retry_after = int(ANSWER_TAKES.total_seconds())


class RunningUnconfirmed(NotNow):
    """Environments seem to run the content of a drop already, but only the second look counts."""

    retry_after = CONFIRMATION_SECONDS

    def __init__(self, version: Version, running: Sequence[Standing]) -> None:
        names = " and ".join(standing.environment for standing in running)
        super().__init__(
            f"{version.label} seems to run in {names} already; Wardrop looks again after {self.retry_after} s"
        )


@dataclass(frozen=True)
class Join:
    deployment: Deployment
    """A copy of the deployment that records the drop."""

    standing: Standing | None
    """The new standing of the environment. None: the deployment has not begun, so the standing does not change."""


def check_quarantine(version: Version, standing: Standing) -> None:
    """Raises Rejected if the content is quarantined, under this label or another label."""
    if quarantine := standing.quarantine_of(version.label, version.release):
        name = standing.environment
        raise Rejected(
            f"{quarantine.reason(version.label, name)}; to deploy it anyway: wardrop deploy {name} {version.label}"
        )


def to_join(
    inspected: InspectedDrop, version: Version, environment: Environment, record: EnvironmentRecord
) -> Deployment | None:
    """Returns the deployment of the same content that the drop joins, or None if the drop needs its own deployment.

    A drop joins a waiting deployment unless a newer deployment supersedes it. A drop joins a deployment that has begun,
    unless an older request for another version waits. In that case, the drop must be deployed after the request. A drop
    never joins a deployment that is being rolled back, or whose version a later update has replaced.
    """
    waiting = [deployment for deployment in record.deployments if deployment.is_waiting]
    never_start = {deployment.id for deployment, _ in line.superseded(waiting, record.standing)}
    candidates = [
        deployment
        for deployment in record.deployments
        if deployment.id not in never_start and _deploys_content(deployment, inspected, version, environment)
    ]
    last = max(candidates, key=_position, default=None)
    if last is None or last.is_waiting:
        return last
    if _is_replaced(last, environment):
        return None
    requests = [deployment for deployment in waiting if deployment.asked is not None]
    return None if any(request.recency < inspected.arrival for request in requests) else last


def _is_replaced(deployment: Deployment, environment: Environment) -> bool:
    """Whether a later update has replaced the deployment's version, or is replacing it.

    During an update, DescribeEnvironments returns the previous version. Just after an update began, it may still return
    the state from before the update.

    Example: while v2 is baking, another user deploys v1 from 12:00 to 12:10. Wardrop ends the deployment of v2 at
    12:11. If v2 is dropped again at 12:05, it must be deployed again.
    """
    update = deployment.update
    if deployment.is_untouched or update is None:
        return False
    has_changed = environment.updated_at - update.claimed_at > CLOCK_SKEW
    if not environment.is_ready:
        return has_changed
    return environment.version_label != deployment.label and (has_changed or deployment.state is State.BAKING)


def needs_instances(deployment: Deployment, environment: Environment) -> bool:
    """Whether only the instances show that the deployment's version still runs.

    If another user's update fails, it may have changed instances, but the environment keeps its label.
    """
    is_deployed = not deployment.is_waiting and environment.is_ready and environment.version_label == deployment.label
    return is_deployed and environment.reports_instances


def is_replaced_on(instances: Iterable[Instance], deployment: Deployment) -> bool:
    """Whether an instance runs another version. An instance that reports no version has just started."""
    return any(instance.version_label not in (None, deployment.label) for instance in instances)


def _position(deployment: Deployment) -> tuple[bool, bool, tuple[datetime, datetime, str]]:
    return deployment.is_waiting, deployment.asked is None, deployment.recency


def _deploys_content(
    deployment: Deployment, inspected: InspectedDrop, version: Version, environment: Environment
) -> bool:
    """Whether the deployment deploys the content of the drop.

    If the drop's metadata states a label, the label must be the same, too.
    """
    if deployment.rollback is not None:
        return False
    if deployment.update is not None and deployment.update.environment_id != environment.id:
        return False
    same_bundle = deployment.release == version.release and not states_label(inspected)
    return deployment.label == version.label or same_bundle


def join(deployment: Deployment, standing: Standing, inspected: InspectedDrop, stage: list[str], now: datetime) -> Join:
    """Records the drop in the deployment. Raises AnswerPending.

    Because the drop is newer, its `on-failure` applies. If the drop is to be promoted, the deployment is promoted too.
    """
    update = deployment.update
    if update is not None and update.request_id is None and now - update.claimed_at < ANSWER_TAKES:
        raise AnswerPending(f"the deployment of {deployment.label} to {deployment.environment} is just starting")
    drop, stated = inspected.drop, inspected.metadata
    newer = Joined(drop=drop.id, at=now, dropped_by=stated.dropped_by)
    becomes_promoted = inspected.promotes and not deployment.promotes
    joined = replace(
        deployment.joined_by(newer, inspected.arrival),
        rules=deployment.rules.with_on_failure(stated.on_failure),
        promotes=deployment.promotes or inspected.promotes,
        stage=stage if becomes_promoted else deployment.stage,
    )
    return Join(joined, None if deployment.is_waiting else standing.started(inspected.arrival))
