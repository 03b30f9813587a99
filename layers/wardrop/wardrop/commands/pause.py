"""Pauses and resumes an environment."""

from wardrop.alerts.kinds import Kind
from wardrop.commands.answers import Refusal
from wardrop.commands.caller import Caller
from wardrop.commands.refusals import because, since
from wardrop.commands.requests import Pause
from wardrop.commands.snapshot import Accepted, EnvironmentSnapshot
from wardrop.deployments.change import Change
from wardrop.deployments.standing import Hold
from wardrop.structs import replace


def pause(request: Pause, caller: Caller, snapshot: EnvironmentSnapshot) -> Accepted | Refusal:
    paused = snapshot.standing.paused
    if paused is not None:
        return Refusal(
            reason=f"{snapshot.name} has already been paused {since(paused)}",
            advice=f"to end the pause: wardrop resume {snapshot.name}",
        )
    starts = "no other deployment starts, except a rollback or a deployment with `now`"
    effect = f"a deployment that has already started continues, but {starts}"
    text = f"{snapshot.name} is paused by {caller.name}{because(request.because)}; {effect}"
    hold = Hold(by=caller.name, at=caller.at, because=request.because or "")
    return Accepted(
        text,
        Change(
            standing=replace(snapshot.standing, paused=hold),
            alerts=[snapshot.alert(Kind.ENVIRONMENT_PAUSED, caller, text)],
        ),
    )


def resume(caller: Caller, snapshot: EnvironmentSnapshot) -> Accepted | Refusal:
    """Ends a pause or a hold. A freeze window ends by itself."""
    paused, held = snapshot.standing.paused, snapshot.standing.hold
    ended = [
        f"{state} {since(hold)}{because(hold.because)}"
        for state, hold in (("paused", paused), ("held", held))
        if hold is not None
    ]
    if not ended:
        return Refusal(
            reason=f"{snapshot.name} is neither paused nor held",
            advice=f"see why deployments wait: wardrop status {snapshot.name}; "
            f"to ignore a freeze window: wardrop deploy {snapshot.name} LABEL --now --because TEXT",
        )
    text = f"{snapshot.name} is resumed by {caller.name}; it had been {' and '.join(ended)}"
    return Accepted(
        text,
        Change(
            standing=replace(snapshot.standing, paused=None, hold=None),
            alerts=[snapshot.alert(Kind.ENVIRONMENT_RESUMED, caller, text)],
        ),
    )
