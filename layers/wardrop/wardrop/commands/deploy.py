"""Queues the deployment of a version that a user requests by its label."""

from wardrop.commands.answers import Refusal
from wardrop.commands.caller import Caller
from wardrop.commands.queueing import DROPS_WAIT, RequestedVersion, Target, new_deployment, queued, repetition
from wardrop.commands.refusals import because, since
from wardrop.commands.requests import Deploy
from wardrop.commands.snapshot import Accepted, EnvironmentSnapshot
from wardrop.deployments.asked import Asked
from wardrop.deployments.standing import Hold
from wardrop.structs import replace


def deploy(
    request: Deploy, caller: Caller, snapshot: EnvironmentSnapshot, target: Target, version: RequestedVersion
) -> Accepted | Refusal:
    """Queues the deployment.

    If the running version or a good version is newer than the requested version, holds the environment. Otherwise,
    ends a hold.
    """
    label, standing = request.label, snapshot.standing
    asked = Asked(by=caller.name, principal=caller.principal, at=caller.at, because=request.because, now=request.now)
    if refusal := repetition(snapshot, label, asked):
        return refusal
    reasons = [f"{caller.name} requested {label}{' immediately' if request.now else ''}{because(request.because)}"]
    hold = None
    if standing.quarantine_of(label, version.release):
        reasons.append("its quarantine is lifted")
    if newer := _newest_after(label, target):
        reasons.append(f"it is older than {newer}, so {DROPS_WAIT}")
        cause = f"the older version {label} was requested{because(request.because)}"
        hold = Hold(by=caller.name, at=caller.at, because=cause, label=label)
    elif standing.hold is not None:
        reasons.append(f"the deployment ends the hold {since(standing.hold)}")
    deployment = new_deployment(asked, version, target, target.rules, "; ".join(reasons))
    lifted = standing.without_quarantine(label, version.release)
    return queued(deployment, replace(lifted, hold=hold), caller, snapshot)


def _newest_after(label: str, target: Target) -> str | None:
    """Returns the newest version that was created after the version `label`, or None if no version is newer."""
    created_at = target.created_at
    newer = [other for other in created_at if created_at[other] > created_at[label]]
    return max(newer, key=lambda other: created_at[other], default=None)
