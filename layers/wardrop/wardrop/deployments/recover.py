"""Decides what to do if the response from UpdateEnvironment was lost.

The response is lost if the function is killed, or loses the connection, before the ledger records the response. In this
case, it is not known whether the call started an update. Therefore, Wardrop compares the environment with the claim,
which was recorded before the call.
"""

from collections.abc import Sequence
from datetime import timedelta

from wardrop.deployments.deployment import Deployment
from wardrop.deployments.situation import Need, Situation
from wardrop.deployments.state import WaitKind, WaitsFor
from wardrop.deployments.steps import Adopt, End, Prepare, Requeue, Step, Wait
from wardrop.deployments.update import Update
from wardrop.environments import events
from wardrop.environments.model import Instance

ANSWER_MAY_SHOW = timedelta(minutes=2)
"""The time after a call during which the event of its update may still appear. A shorter `settle` takes precedence.

Example: an update is claimed at 12:00:00, and the function is killed during the call. At 12:01:00 no update has
started, and the environment is Ready, so Wardrop waits. At 12:02:00 there is still no update, so the call is repeated.
With a `settle` of 30 s, the call is repeated at 12:00:30.
"""

MOST_LOST_ANSWERS = 3
"""The number of lost responses after which the deployment fails."""


NO_RESPONSE = "no response from UpdateEnvironment is recorded"
"""The claim is written before the call. So it is not known whether the call was made, or whether AWS responded."""


def needs(_situation: Situation) -> Need:
    return Need.EVENTS | Need.INSTANCES


def recover(situation: Situation) -> Step:
    deployment, environment, update = situation.deployment, situation.environment, situation.deployment.update
    if update is None:
        return Requeue("Wardrop has recorded no update for this deployment")
    label = deployment.target_label
    if environment.id != update.environment_id:
        return End(deployment.failure, f"{environment.name} was terminated before {label} was deployed")
    starts = events.starts(situation.events)
    if not starts:
        return _nothing_started(situation)
    first = starts[0]
    newer = [instance for instance in situation.fleet.instances if instance.deployment_id > update.deployment_id]
    if any(instance.version_label == label for instance in newer):
        # Another user may have started an update to the same version. Its result is the same.
        return Adopt(
            str(first.request_id),
            f"no response to Wardrop's call is recorded; the update that started at {first.at:%H:%M:%S} deploys "
            f"{label}, so it counts as Wardrop's",
        )
    # Right after the call the API may still show Ready. DateUpdated shows whether the update has ended. Example: the
    # update starts at 12:00:01. Ready with the DateUpdated 11:30:00 is the state before the update, and Ready with the
    # DateUpdated 12:04:00 is the state after it.
    if newer or (environment.is_ready and environment.updated_at > first.at):
        # With basic health, only the label can show the version. Otherwise, it shows the version if it has changed.
        does_label_count = situation.fleet.has_basic_health or update.version_label != label
        if environment.version_label == label and does_label_count:
            return Adopt(
                str(first.request_id),
                f"no response to Wardrop's call is recorded, but the environment now has the version {label}, so the "
                "update counts as Wardrop's",
            )
        reason = _started_first(situation, update, newer)
        return again(deployment, reason, Requeue(reason))
    reason = f"an update of {environment.name} has started; the instances will show whether Wardrop started it"
    return Wait(reason, WaitsFor(WaitKind.LOST_ANSWER))


def _started_first(situation: Situation, update: Update, newer: Sequence[Instance]) -> str:
    """Returns the reason why an update that has started does not count as Wardrop's.

    Only another version proves that somebody else started the update. The previous version proves nothing: Wardrop's
    own update may have failed before it reached an instance, and a change of settings increases DeploymentIds, too.
    """
    deployment, environment = situation.deployment, situation.environment
    shown = {environment.version_label, *(instance.version_label for instance in newer)}
    if shown - {None, deployment.label, deployment.target_label, update.version_label}:
        return f"somebody else's update of {environment.name} started first"
    started = f"an update of {environment.name} started, but nothing shows that it deploys {deployment.target_label}"
    return f"{started}; it is not known who started it"


def _nothing_started(situation: Situation) -> Step:
    deployment, update = situation.deployment, situation.deployment.update
    may_show = min(situation.settle, ANSWER_MAY_SHOW)
    long_enough = update is not None and situation.now - update.claimed_at >= may_show
    if situation.environment.is_ready and long_enough:
        reason = f"{NO_RESPONSE}, and no update has started"
        return again(deployment, reason, Requeue(f"{reason}; Wardrop tries again"))
    return Wait(f"{NO_RESPONSE}; Wardrop checks whether an update has started", WaitsFor(WaitKind.LOST_ANSWER))


def again(deployment: Deployment, reason: str, step: Prepare | Requeue) -> Step:
    if deployment.lost_answers + 1 < MOST_LOST_ANSWERS:
        return step
    times = f"Wardrop tried {MOST_LOST_ANSWERS} times to call UpdateEnvironment, without success"
    return End(deployment.failure, f"{times}; the last time, {reason}")
