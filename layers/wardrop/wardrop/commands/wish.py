"""What a person wants to run, weighed against what stands: deploy and rollback."""

from collections.abc import Mapping
from datetime import datetime

from msgspec.structs import replace

from wardrop.alerts.kinds import Kind
from wardrop.commands.place import Change, Place, because, since
from wardrop.commands.requests import Deploy, Refusal, Rollback
from wardrop.configuration.principal import Caller
from wardrop.configuration.rules import Rules
from wardrop.deployments import lifecycle
from wardrop.deployments.announcement import alert_of
from wardrop.deployments.deployment import Asked, Deployment, Moment, deployment_id
from wardrop.deployments.standing import GoodVersion, Hold, Standing
from wardrop.deployments.state import State
from wardrop.environments.model import Environment
from wardrop.environments.version import Release, Version

UNTIL = "later drops wait until it is resumed"


def deploy(
    wish: Deploy,
    caller: Caller,
    place: Place,
    environment: Environment,
    rules: Rules,
    version: Version | None,
    made: Mapping[str, datetime],
) -> Change | Refusal:
    """`made` is when this version, the one that runs, and the good ones were made, as far as they are there."""
    label, standing = wish.label, place.standing
    asked = Asked(by=caller.name, at=caller.at, because=wish.because, now=wish.now)
    if refusal := _repeated(place, label, asked):
        return refusal
    reasons = [f"{caller.name} asked for {label}{' now' if wish.now else ''}{because(wish.because)}"]
    hold = None
    if standing.quarantine_of(label):
        reasons.append("its quarantine is lifted")
    if newer := [one for one in made if made[one] > made[label]]:
        reasons.append(f"it is older than {max(newer, key=lambda one: made[one])}, so {UNTIL}")
        hold = Hold(by=caller.name, at=caller.at, because=f"{label} was put back{because(wish.because)}", label=label)
    elif standing.hold is not None:
        reasons.append(f"the hold {since(standing.hold)} is over")
    others = [one for one in standing.quarantined if one.label != label]
    deployment = _deployment(
        asked,
        environment,
        label,
        made[label],
        "; ".join(reasons),
        release=version.release if version else None,
        rules=rules,
        replacing_options=version.replacing_options if version else [],
    )
    return _queued(deployment, caller, place, replace(standing, hold=hold, quarantined=others))


def rollback(
    wish: Rollback,
    caller: Caller,
    place: Place,
    environment: Environment,
    rules: Rules,
    made: Mapping[str, datetime],
) -> Change | Refusal:
    """`made` as for `deploy`: what is not there any more cannot be put back."""
    target = _target(wish, place, environment, made)
    if isinstance(target, Refusal):
        return target
    label = target.label
    asked = Asked(by=caller.name, at=caller.at, because=wish.because, rollback=True)
    if refusal := _repeated(place, label, asked):
        return refusal
    reason = f"{caller.name} asked to go back to {label}{because(wish.because)}; {UNTIL}"
    hold = Hold(by=caller.name, at=caller.at, because=f"rolled back to {label}{because(wish.because)}", label=label)
    deployment = _deployment(
        asked,
        environment,
        label,
        made[label],
        reason,
        release=target.release,
        rules=replace(rules, approval_required=False),
        replacing_options=[],
    )
    return _queued(deployment, caller, place, replace(place.standing, hold=hold))


def _target(
    wish: Rollback, place: Place, environment: Environment, made: Mapping[str, datetime]
) -> GoodVersion | Refusal:
    good = [one for one in lifecycle.fitting(place.standing, environment) if one.label in made]
    known = ", ".join(one.label for one in good) or "none"
    advice = f"any version can be brought by name: deploy {place.name} LABEL"
    begun = place.begun
    if wish.to is not None:
        condemned = place.standing.quarantine_of(wish.to)
        why = f"is quarantined: {condemned.because}" if condemned else f"has not been good in {place.name} as it is now"
        found = next((one for one in good if one.label == wish.to), None)
        return found or Refusal(reason=f"{wish.to} {why}; good are: {known}", advice=advice)
    if begun is not None and (begun.rollback is not None or begun.is_requested_rollback):
        return Refusal(
            reason=f"{place.name} goes back to {begun.target_label} already",
            advice=f"wait for its end, or say where to: rollback {place.name} to one of {known}",
        )
    # What is under way is what a person wants to get away from, whatever the instances show at the moment.
    leaves = begun.label if begun is not None else _runs(place, environment)
    found = next((one for one in good if one.label != leaves), None)
    return found or Refusal(
        reason=f"nothing but {leaves} could be put back in {place.name}; good are: {known}", advice=advice
    )


def _runs(place: Place, environment: Environment) -> str | None:
    """The version of the whole fleet; a mixed one has none."""
    label = environment.version_label
    return label if label and all(one.runs(label) for one in place.instances or ()) else None


def _repeated(place: Place, label: str, asked: Asked) -> Refusal | None:
    """The same again adds nothing; who lost the first answer may ask twice."""
    begun = place.begun
    if begun is not None and begun.target_label == label:
        return Refusal(
            reason=f"{label} is on its way to {place.name} already: {begun.reason}",
            advice=f"wait for its end: status {place.name}",
        )
    for one in place.waiting:
        if one.label == label and one.asked and (one.asked.now, one.asked.rollback) == (asked.now, asked.rollback):
            return Refusal(
                reason=f"{label} waits for {place.name} already: {one.reason}",
                advice=f"wait for its end: status {place.name}; or cancel {place.name} {label}",
            )
    return None


def _deployment(
    asked: Asked,
    environment: Environment,
    label: str,
    made: datetime,
    reason: str,
    *,
    release: Release | None,
    rules: Rules,
    replacing_options: list[str],
) -> Deployment:
    return Deployment(
        id=deployment_id(asked.at, f"{asked.by} {label}", environment.name),
        application=environment.application,
        environment=environment.name,
        label=label,
        state=State.QUEUED,
        reason=reason,
        arrival=(made, made, ""),
        release=release,
        rules=rules,
        asked=asked,
        stage=[environment.name],
        replacing_options=replacing_options,
        history=[Moment(asked.at, State.QUEUED, reason)],
    )


def _queued(deployment: Deployment, caller: Caller, place: Place, standing: Standing) -> Change:
    told = f"{deployment.label} is queued for {place.name}: {deployment.reason}"
    if deployment.needs_approval:
        told += "; it has to be approved"
    elif barred := lifecycle.obstacle(deployment, standing, caller.at):
        told += f"; it waits: {barred}"
    alerts = [alert_of(deployment)]
    if standing.hold is not None:
        text = f"{place.name} is held by {caller.name}: {standing.hold.because}; {UNTIL}"
        alerts.append(place.tells(Kind.ENVIRONMENT_HELD, caller, text))
    elif place.standing.hold is not None:
        text = f"{place.name} is held no longer: {deployment.reason}"
        alerts.append(place.tells(Kind.ENVIRONMENT_RESUMED, caller, text))
    changed = standing if standing != place.standing else None
    return Change(told, [deployment], changed, alerts, queued=deployment.id)
