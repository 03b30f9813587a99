"""What a person says to what goes on: approve, decline, cancel, pause, resume."""

from msgspec.structs import replace

from wardrop.alerts.kinds import Kind
from wardrop.commands.place import Change, Place, because, since, spoken
from wardrop.commands.requests import Approve, Cancel, Decline, Pause, Refusal, Resume
from wardrop.configuration.principal import Caller
from wardrop.deployments import lifecycle
from wardrop.deployments.announcement import alert_of
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.standing import Hold
from wardrop.deployments.state import State


def approve(asked: Approve, caller: Caller, place: Place) -> Change | Refusal:
    found = _awaiting(asked, caller, place)
    if isinstance(found, Refusal):
        return found
    reason = f"{found.label} is approved for {place.name} by {caller.name}"
    approved = found.approved(caller.name, reason, caller.at)
    return Change(reason, [approved], alerts=[alert_of(approved, Kind.DEPLOYMENT_APPROVED)])


def decline(asked: Decline, caller: Caller, place: Place) -> Change | Refusal:
    found = _awaiting(asked, caller, place)
    if isinstance(found, Refusal):
        return found
    reason = f"{found.label} is declined for {place.name} by {caller.name}{because(asked.because)}"
    declined = found.moved(State.DECLINED, reason, caller.at)
    return Change(reason, [declined], alerts=[alert_of(declined)])


def cancel(asked: Cancel, caller: Caller, place: Place) -> Change | Refusal:
    """What no instance has seen; what some may run is Beanstalk's to end, for an abort leaves a mixed fleet."""
    untouched = [one for one in place.active if one.is_untouched and asked.label in (None, one.label)]
    if untouched:
        who = f"is cancelled by {caller.name}"
        ended = [one.moved(State.CANCELLED, f"{one.label} {who}", caller.at) for one in untouched]
        told = f"{' and '.join(one.label for one in ended)} will not go to {place.name}"
        if any(one.state is State.PREPARING for one in untouched):
            told += "; the change of its settings, which has begun, stays"
        if place.standing.hold:
            told += "; the environment stays held until it is resumed"
        return Change(told, ended, alerts=[alert_of(one) for one in ended])
    begun = place.begun
    if begun is not None and asked.label in (None, begun.label):
        return Refusal(
            reason=f"instances of {place.name} may run {begun.label} already, and an abort would leave them mixed; "
            f"it is {spoken(begun)}",
            advice=f"let it come to its end, or go back: rollback {place.name}",
        )
    return _none(place, asked.label, "waits for")


def pause(asked: Pause, caller: Caller, place: Place) -> Change | Refusal:
    paused = place.standing.paused
    if paused is not None:
        return Refusal(reason=f"{place.name} is paused {since(paused)} already", advice=f"end it: resume {place.name}")
    told = f"{place.name} is paused by {caller.name}{because(asked.because)}; what has begun goes on, nothing starts"
    hold = Hold(by=caller.name, at=caller.at, because=asked.because or "")
    return Change(
        told,
        standing=replace(place.standing, paused=hold),
        alerts=[place.tells(Kind.ENVIRONMENT_PAUSED, caller, told)],
    )


def resume(_asked: Resume, caller: Caller, place: Place) -> Change | Refusal:
    """Ends a pause and a hold; a freeze ends by itself."""
    stood = (("paused", place.standing.paused), ("held", place.standing.hold))
    ended = [f"{what} {since(hold)}{because(hold.because)}" for what, hold in stood if hold is not None]
    if not ended:
        return Refusal(
            reason=f"{place.name} is neither paused nor held",
            advice=f"see what a deployment waits for: status {place.name}; deploying `now` passes a freeze",
        )
    told = f"{place.name} goes on, as {caller.name} asked; it was {' and '.join(ended)}"
    return Change(
        told,
        standing=replace(place.standing, paused=None, hold=None),
        alerts=[place.tells(Kind.ENVIRONMENT_RESUMED, caller, told)],
    )


def _awaiting(asked: Approve | Decline, caller: Caller, place: Place) -> Deployment | Refusal:
    """The deployment that this caller may approve or decline."""
    named = [one for one in place.waiting if one.label == asked.label]
    found = lifecycle.next_in_line(one for one in named if one.needs_approval)
    if found is None:
        if approved := next((one for one in named if one.approved_by), None):
            return Refusal(
                reason=f"{asked.label} has been approved for {place.name} by {approved.approved_by} already",
                advice=f"it goes on by itself; while it waits, it can be cancelled: cancel {place.name} {asked.label}",
            )
        return _none(place, asked.label, "waits to be approved for")
    for deployment, end in lifecycle.superseded(place.waiting, place.standing):
        if deployment.id == found.id:
            return Refusal(reason=end.reason, advice=f"see what waits now: status {place.name}")
    if found.rules.approvers and not caller.is_one_of(found.rules.approvers):
        return Refusal(
            reason=f"{caller.name} is not an approver of {place.name}",
            advice=f"ask one of {', '.join(found.rules.approvers)}",
        )
    return found


def _none(place: Place, label: str | None, does: str) -> Refusal:
    """Told with what became of it."""
    reason = f"no {label} {does} {place.name}" if label else f"nothing {does} {place.name}"
    known = [*place.active, *place.past]
    if became := next((one for one in known if one.label == label), None):
        reason += f"; it is {spoken(became)}"
    return Refusal(reason=reason, advice=f"see what goes on: status {place.name}, or history {place.name}")
