"""Decides which deployment in an environment's queue is next, which ones are superseded, and what delays them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from wardrop.configuration.freeze import active_window
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.standing import Hold, Standing
from wardrop.deployments.state import State, WaitKind, WaitsFor
from wardrop.deployments.steps import End, Wait


def deployment_to_advance(active: Sequence[Deployment]) -> Deployment | None:
    """Returns the deployment to advance.

    A deployment that has begun takes precedence over waiting deployments. But if it is baking, and the next waiting
    deployment is urgent, the urgent deployment is advanced.
    """
    begun = next((deployment for deployment in active if not deployment.is_waiting), None)
    following = next_in_line(deployment for deployment in active if deployment.is_waiting)
    if begun is not None and begun.state is State.BAKING and following is not None and following.is_urgent:
        return following
    return begun or following


def next_in_line(waiting: Iterable[Deployment]) -> Deployment | None:
    """Returns the waiting deployment that starts next.

    A request starts before a drop. Of several requests or several drops, the most recent starts first.
    """
    return max(
        waiting,
        key=lambda deployment: (deployment.asked is not None, deployment.recency, deployment.id),
        default=None,
    )


def superseded(waiting: Sequence[Deployment], standing: Standing) -> list[tuple[Deployment, End]]:
    """Returns the waiting deployments that will never start. For each, a newer deployment waits or was processed.

    A newer deployment was processed if it was claimed, or if its version ran already. It may have failed since then.
    """
    ended = ((deployment, _superseding(deployment, waiting, standing)) for deployment in waiting)
    return [(deployment, End(State.SUPERSEDED, reason)) for deployment, reason in ended if reason is not None]


def _superseding(deployment: Deployment, waiting: Sequence[Deployment], standing: Standing) -> str | None:
    label, name = deployment.label, deployment.environment
    if deployment.asked is None and standing.newest is not None and deployment.arrival < standing.newest:
        return f"a version that was uploaded after {label} has already been processed for {name}"
    # A newer drop does not replace a request. It is deployed after the request.
    rivals = [rival for rival in waiting if deployment.asked is None or rival.asked is not None]
    newest = max(rivals, key=lambda rival: (rival.recency, rival.id))
    if newest is deployment:
        return None
    arrived = "was uploaded" if newest.asked is None else f"was requested by {newest.asked.by}"
    return f"{newest.label} {arrived} after {label} and takes its place in the queue of {name}"


def obstacle(deployment: Deployment, standing: Standing, now: datetime) -> Wait | None:
    """Returns a wait if a hold, a pause or a freeze window delays the deployment.

    Urgent requests ignore all of them. All other requests ignore only a hold.
    """
    if deployment.is_urgent:
        return None
    name = deployment.environment
    if standing.hold is not None and deployment.asked is None:
        return _wait(WaitKind.HELD, standing.hold, f"{name} has been held")
    if standing.paused is not None:
        return _wait(WaitKind.PAUSED, standing.paused, f"{name} has been paused")
    if window := active_window(deployment.rules.freeze, now):
        return Wait(f"{name} is frozen: {window}", WaitsFor(WaitKind.FROZEN, window))
    return None


def _wait(kind: WaitKind, hold: Hold, state: str) -> Wait:
    because = f": {hold.because}" if hold.because else ""
    reason = f"{state} since {hold.at:%Y-%m-%d %H:%M} UTC by {hold.by}{because}"
    return Wait(reason, WaitsFor(kind, hold.by, hold.at))
