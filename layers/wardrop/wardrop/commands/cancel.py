"""Cancels deployments whose version no instance has received."""

from wardrop.commands.answers import Refusal
from wardrop.commands.caller import Caller
from wardrop.commands.refusals import no_such_deployment, state_and_reason
from wardrop.commands.requests import Cancel
from wardrop.commands.snapshot import Accepted, EnvironmentSnapshot
from wardrop.deployments.announcement import alert_of
from wardrop.deployments.change import Change
from wardrop.deployments.state import State


def cancel(request: Cancel, caller: Caller, snapshot: EnvironmentSnapshot) -> Accepted | Refusal:
    """Cancels the deployments that have not changed any instance.

    Refuses the request if instances may already run the version, because an abort would leave different versions on
    the instances.
    """
    untouched = [
        deployment
        for deployment in snapshot.active
        if deployment.is_untouched and request.label in (None, deployment.label)
    ]
    running = snapshot.running
    if not untouched and running is not None and request.label in (None, running.label):
        return Refusal(
            reason=f"instances of {snapshot.name} may already run {running.label}, and an abort would leave different "
            f"versions on them; the deployment is {state_and_reason(running)}",
            advice=f"wait until the deployment ends, or roll it back: wardrop rollback {snapshot.name}",
        )
    if not untouched:
        return no_such_deployment(snapshot, request.label, "is waiting")
    cancelled = [
        deployment.moved(State.CANCELLED, f"{deployment.label} is cancelled by {caller.name}", caller.at)
        for deployment in untouched
    ]
    text = f"{' and '.join(deployment.label for deployment in cancelled)} will not be deployed to {snapshot.name}"
    if any(deployment.state is State.PREPARING for deployment in untouched):
        text += "; Wardrop has already begun to change the environment's settings, and does not undo this change"
    if snapshot.standing.hold:
        text += "; the environment remains held until it is resumed"
    return Accepted(text, Change(cancelled, alerts=[alert_of(deployment) for deployment in cancelled]))
