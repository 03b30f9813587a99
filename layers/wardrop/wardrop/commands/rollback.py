"""Queues a rollback that a user requests, and chooses the version to restore."""

from wardrop.commands.answers import Refusal
from wardrop.commands.caller import Caller
from wardrop.commands.queueing import DROPS_WAIT, RequestedVersion, Target, new_deployment, queued, repetition
from wardrop.commands.refusals import because
from wardrop.commands.requests import Rollback
from wardrop.commands.snapshot import Accepted, EnvironmentSnapshot
from wardrop.deployments.asked import Asked
from wardrop.deployments.standing import GoodVersion, Hold
from wardrop.structs import replace


def rollback(request: Rollback, caller: Caller, snapshot: EnvironmentSnapshot, target: Target) -> Accepted | Refusal:
    """Queues the rollback, and holds the environment. A rollback needs no approval."""
    good = _version_to_restore(request, snapshot, target)
    if isinstance(good, Refusal):
        return good
    asked = Asked(by=caller.name, principal=caller.principal, at=caller.at, because=request.because, rollback=True)
    if refusal := repetition(snapshot, good.label, asked):
        return refusal
    reason = f"{caller.name} requested a rollback to {good.label}{because(request.because)}; {DROPS_WAIT}"
    version = RequestedVersion(good.label, good.release, good.origin)
    deployment = new_deployment(asked, version, target, replace(target.rules, approval_required=False), reason)
    cause = f"rolled back to {good.label}{because(request.because)}"
    hold = Hold(by=caller.name, at=caller.at, because=cause, label=good.label)
    return queued(deployment, replace(snapshot.standing, hold=hold), caller, snapshot)


def _version_to_restore(request: Rollback, snapshot: EnvironmentSnapshot, target: Target) -> GoodVersion | Refusal:
    usable = snapshot.standing.rollback_targets(target.environment)
    candidates = [good for good in usable if good.label in target.created_at]
    if request.to is not None:
        return _named(request.to, candidates, snapshot)
    running = snapshot.running
    if running is not None and (running.rollback is not None or running.is_requested_rollback):
        return Refusal(
            reason=f"{snapshot.name} is already being rolled back to {running.target_label}",
            advice="wait until the rollback ends, or request a rollback to another version; "
            f"the good versions of {snapshot.name} are {_labels(candidates)}",
        )
    # If a version is being deployed, the rollback replaces that version, even if no instance runs it yet.
    unwanted = running.label if running is not None else _label_of_whole_fleet(snapshot, target)
    other = next((good for good in candidates if good.label != unwanted), None)
    except_for = f" other than {unwanted}" if unwanted else ""
    reason = f"{snapshot.name} has no good version{except_for} to roll back to"
    return other or _no_candidate(reason, candidates, snapshot)


def _named(label: str, candidates: list[GoodVersion], snapshot: EnvironmentSnapshot) -> GoodVersion | Refusal:
    if named := next((good for good in candidates if good.label == label), None):
        return named
    quarantined = snapshot.standing.quarantine_of(label)
    if quarantined is not None:
        return _no_candidate(f"{label} is quarantined: {quarantined.because}", candidates, snapshot)
    reason = f"{label} is not a good version of {snapshot.name} on its present platform"
    return _no_candidate(reason, candidates, snapshot)


def _no_candidate(reason: str, candidates: list[GoodVersion], snapshot: EnvironmentSnapshot) -> Refusal:
    return Refusal(
        reason=f"{reason}; good versions: {_labels(candidates)}",
        advice=f"to deploy any version by its label: wardrop deploy {snapshot.name} LABEL",
    )


def _labels(candidates: list[GoodVersion]) -> str:
    return ", ".join(good.label for good in candidates) or "none"


def _label_of_whole_fleet(snapshot: EnvironmentSnapshot, target: Target) -> str | None:
    """Returns the version that all started instances run, or None if the instances run different versions."""
    label = target.environment.version_label
    started = [instance for instance in snapshot.instances or () if not instance.is_starting]
    return label if label and all(instance.runs(label) for instance in started) else None
