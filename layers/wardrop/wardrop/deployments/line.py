"""Applies the rules of an environment's queue: the next deployment, superseded deployments, and delays."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from wardrop.configuration.freeze import active_window
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.standing import Hold, Standing
from wardrop.deployments.state import State, WaitKind, WaitsFor
from wardrop.deployments.steps import End, Wait


def deployment_to_advance(active: Sequence[Deployment]) -> Deployment | None:
    """The deployment to advance.

    A deployment that has begun takes precedence over waiting deployments. But if that deployment is baking, and the
    next waiting deployment is urgent, the urgent deployment is advanced.
    """
    begun = next((deployment for deployment in active if not deployment.is_waiting), None)
    following = next_in_line(deployment for deployment in active if deployment.is_waiting)
    if begun is not None and begun.state is State.BAKING and following is not None and following.is_urgent:
        return following
    return begun or following


def next_in_line(waiting: Iterable[Deployment]) -> Deployment | None:
    """The waiting deployment that starts next.

    A request starts before a drop. Of several requests or several drops, the most recent starts first.
    """
    return max(
        waiting,
        key=lambda deployment: (deployment.asked is not None, deployment.recency, deployment.id),
        default=None,
    )


def superseded(waiting: Sequence[Deployment], standing: Standing) -> list[tuple[Deployment, End]]:
    """The waiting deployments that will never start, because a newer deployment waits, or Wardrop has processed one.

    A newer deployment was processed if it was claimed, or if its version ran already. It may have failed since then.
    """
    ended = ((deployment, _superseding(deployment, waiting, standing)) for deployment in waiting)
    return [(deployment, End(State.SUPERSEDED, reason)) for deployment, reason in ended if reason is not None]


def _superseding(deployment: Deployment, waiting: Sequence[Deployment], standing: Standing) -> str | None:
    label, name = deployment.label, deployment.environment
    if deployment.asked is None and standing.newest is not None and deployment.arrival < standing.newest:
        return f"Wardrop has already processed a version for {name} that was uploaded after {label}"
    # A newer drop does not replace a request. It is deployed after the request.
    rivals = [rival for rival in waiting if deployment.asked is None or rival.asked is not None]
    newest = max(rivals, key=lambda rival: (rival.recency, rival.id))
    if newest is deployment:
        return None
    arrived = "was uploaded" if newest.asked is None else f"was requested by {newest.asked.by}"
    return f"{newest.label} {arrived} after {label} and takes its place in the queue of {name}"


def obstacle(deployment: Deployment, standing: Standing, now: datetime) -> Wait | None:
    """The hold, pause or freeze window that delays the deployment.

    Urgent requests ignore all of them. All other requests ignore only a hold.
    """
    if deployment.is_urgent:
        return None
    name = deployment.environment
    if standing.hold is not None and deployment.asked is None:
        return _wait(WaitKind.HELD, standing.hold, f"{name} is held")
    if standing.paused is not None:
        return _wait(WaitKind.PAUSED, standing.paused, f"{name} is paused")
    if window := active_window(deployment.rules.freeze, now):
        return Wait(f"{name} is frozen: {window}", WaitsFor(WaitKind.FROZEN, window))
    return None


def _wait(kind: WaitKind, hold: Hold, state: str) -> Wait:
    because = f": {hold.because}" if hold.because else ""
    reason = f"{state} since {hold.at:%Y-%m-%d %H:%M} UTC by {hold.by}{because}"
    return Wait(reason, WaitsFor(kind, hold.by, hold.at))
