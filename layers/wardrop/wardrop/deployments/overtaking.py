"""Finds the versions that were deployed outside Wardrop after an update by Wardrop.

A later update does not prove that a version was deployed, because the update may only have changed settings. A change
of settings may also increase the DeploymentIds of instances. Therefore, a version counts only if no instance can have
had it before.
"""

from wardrop.deployments.situation import Situation
from wardrop.deployments.update import Update
from wardrop.environments import events
from wardrop.environments.model import Event


def later_start(situation: Situation, update: Update) -> Event | None:
    """Returns the event that starts the newest update, if that update began after `update`.

    Returns None if no update began after `update`, or if no event shows the start of `update`.
    """
    starts = events.starts(situation.events)
    requests = [event.request_id for event in starts]
    return starts[-1] if update.request_id in requests and requests[-1] != update.request_id else None


def is_dropped_again(situation: Situation, update: Update) -> bool:
    """Whether a drop that joined the deployment was uploaded after the newest update had started.

    Just after an update began, DescribeEnvironments may still return the state from before the update, so a drop may
    join a deployment whose version is being replaced.

    Example: v2 is baking. Another user starts to deploy v1 at 12:00:00, and v2 is dropped again at 12:00:01. The drop
    joins the deployment. It is newer than the deployment of v1, so v2 must be deployed again.
    """
    deployment, later = situation.deployment, later_start(situation, update)
    return later is not None and bool(deployment.joined) and deployment.arrival[0] > later.at


def deployed_since(situation: Situation, update: Update) -> list[str]:
    """Returns the labels of the versions that were deployed outside Wardrop after `update`.

    Example: the instances have v1, and this update deploys v2. Later, another update begins. If an instance with a
    higher DeploymentId has v3, then v3 was deployed. If it has v1, then v1 was deployed only if Beanstalk had already
    reported that the deployment of v2 succeeded. Otherwise, v1 may have been on the instance all the time.
    """
    if later_start(situation, update) is None:
        return []
    deployment, label = situation.deployment, situation.environment.version_label
    before = {None, deployment.target_label, update.version_label}
    others = _on_instances(situation, update.deployment_id) - before - {deployment.label}
    return _sorted(others | ({label} - before) or _after_success(situation, update))


def _after_success(situation: Situation, update: Update) -> set[str | None]:
    """Returns the versions that were deployed after this update succeeded.

    When the update succeeded, all instances had its version, so any other version was deployed later. Until `settle`
    has passed, the API may still show the label from before the update.
    """
    target, closing = situation.deployment.target_label, events.end(situation.own_events)
    if closing is None or closing.message != events.UPDATE_SUCCEEDED or situation.now - closing.at < situation.settle:
        return set()
    own = [instance.deployment_id for instance in situation.fleet.instances if instance.version_label == target]
    later = _on_instances(situation, max([update.deployment_id, *own]))
    return (later | {situation.environment.version_label}) - {None, target}


def deployed_since_failure(situation: Situation) -> list[str]:
    """Returns the labels of the versions that were deployed outside Wardrop after Wardrop's version proved to be bad.

    An update that brought no other version to an instance does not count. It may have changed settings, or it may be
    Wardrop's own rollback.

    Example: at 12:00:00, the version is bad, and all instances report the DeploymentId 8. At 12:01:00, Wardrop calls
    UpdateEnvironment for the rollback. The response is lost, and the update fails. At 12:04:00, DateUpdated has
    changed, but no instance reports a DeploymentId above 8. Therefore no other version has been deployed.
    """
    deployment, rollback = situation.deployment, situation.deployment.rollback
    if rollback is None or not is_updated_since_failure(situation):
        return []
    before = {None, deployment.label, rollback.target.label, rollback.version_label}
    shown = _on_instances(situation, rollback.deployment_id) | {situation.environment.version_label}
    return _sorted(shown - before)


def is_updated_since_failure(situation: Situation) -> bool:
    rollback = situation.deployment.rollback
    return rollback is not None and situation.environment.updated_at > rollback.environment_updated_at


def _on_instances(situation: Situation, after: int) -> set[str | None]:
    return {instance.version_label for instance in situation.fleet.instances if instance.deployment_id > after}


def _sorted(labels: set[str | None]) -> list[str]:
    return sorted(label for label in labels if label is not None)
