"""The guard's alerts about updates that Wardrop did not start."""

from datetime import datetime

from wardrop.alerts.kinds import Kind, Severity
from wardrop.alerts.model import Alert, new_alert
from wardrop.environments.model import Environment
from wardrop.environments.operation import Operation
from wardrop.guard.abort import AbortDecision, AbortOutcome
from wardrop.guard.call import Caller
from wardrop.guard.guarded_update import AbortState, GuardedUpdate
from wardrop.guard.judge import Judgement
from wardrop.guard.ownership import Ownership

_ABORT_OUTCOMES = {
    AbortOutcome.ABORTED: "Wardrop aborted",
    AbortOutcome.NOT_ABORTED: "Wardrop did not abort",
    AbortOutcome.ABORTING: "Beanstalk is aborting",
    AbortOutcome.NOT_KNOWN: "It is not known whether Wardrop aborted",
}
"""The beginning of the sentence about an abort. The words "the update of" and the environment follow."""

_ABORT_TITLES = {
    AbortOutcome.ABORTING: "an update is being aborted",
    AbortOutcome.NOT_KNOWN: "it is not known whether an update was aborted",
}
"""The titles that replace the headline of the alert's kind."""


def alert_of(
    judgement: Judgement, operation: Operation, ownership: Ownership, environment: Environment, now: datetime
) -> Alert:
    """Returns the alert about an update. If the update is judged again, its alert has the same id."""
    sentences = [_start(operation, ownership, environment.name)]
    sentences += ["The update has ended"] if judgement.is_over else []
    sentences += [judgement.sentence[:1].upper() + judgement.sentence[1:], *judgement.changes]
    return new_alert(
        judgement.kind,
        f"{environment.id}/{operation.request_id}",
        now,
        ". ".join(sentences) + ".",
        severity=Severity.INFO if operation.is_managed else judgement.severity,
        title=judgement.title,
        application=environment.application,
        environment=environment.name,
        environment_id=environment.id,
    )


def _start(operation: Operation, ownership: Ownership, environment: str) -> str:
    """Describes the start of an update. Says "somebody else" only if it is certain that Wardrop did not start it."""
    of = f"of {environment}"
    at = f"at {operation.started_at:%H:%M:%S} UTC"
    if operation.is_managed:
        return f"A managed platform update {of} started {at}"
    if ownership is Ownership.FOREIGN:
        return f"Somebody else started an update {of} {at}"
    return f"While a deployment was updating {environment}, an update started {at}. It may be Wardrop's own update"


def alert_of_drift(drifted: list[str], environment: Environment, good: tuple[str, datetime], now: datetime) -> Alert:
    """Returns the alert about changed settings. Wardrop sends this alert at most once a day for each environment."""
    label, at = good
    text = f"Since {label} became good on {at:%Y-%m-%d %H:%M} UTC, settings of {environment.name} have changed: "
    return new_alert(
        Kind.SETTINGS_DRIFTED,
        f"{environment.id}/{now:%Y-%m-%d}",
        now,
        f"{text}{'; '.join(drifted)}.",
        application=environment.application,
        environment=environment.name,
        environment_id=environment.id,
    )


def alert_of_caller(update: GuardedUpdate, caller: Caller, now: datetime) -> Alert:
    return new_alert(
        Kind.ENVIRONMENT_EVENT,
        f"{update.environment_id}/{update.request_id}/caller",
        now,
        f"{caller.arn} started the update of {update.environment} at {update.started_at:%H:%M:%S} UTC, with "
        f"{caller.user_agent}. The effect of the update: {update.sentence}.",
        title="CloudTrail shows who started the update",
        application=update.application,
        environment=update.environment,
        environment_id=update.environment_id,
    )


def alert_of_abort(update: GuardedUpdate, decision: AbortDecision, now: datetime) -> Alert:
    """Returns the alert that reports whether an update was aborted, the reason, and the effect of the update."""
    is_aborted = decision.state is AbortState.ABORTED
    outcome = _ABORT_OUTCOMES[decision.outcome]
    started = f"the update of {update.environment} that started at {update.started_at:%H:%M:%S} UTC"
    effect = "The update would have had this effect" if is_aborted else "The effect of the update"
    return new_alert(
        Kind.UPDATE_ABORTED if is_aborted else Kind.UPDATE_NOT_ABORTED,
        f"{update.environment_id}/{update.request_id}",
        now,
        f"{outcome} {started}: {decision.reason}. {effect}: {update.sentence}.",
        title=_ABORT_TITLES.get(decision.outcome),
        application=update.application,
        environment=update.environment,
        environment_id=update.environment_id,
    )
