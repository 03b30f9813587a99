"""Decides which configured checks run, and judges the version by their results.

The checks run when all other evidence shows that the version is good. While the version bakes, they run every minute.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from wardrop.configuration.check import Check
from wardrop.configuration.duration import Duration
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.situation import Situation
from wardrop.deployments.state import State
from wardrop.deployments.steps import Deploy, Step
from wardrop.deployments.verdict import Bad, Proven
from wardrop.evidence.check_record import Answer, CheckRecord, Result, records_of
from wardrop.evidence.check_subject import CheckSubject, url_of
from wardrop.structs import replace as with_fields

AGAIN_AFTER = timedelta(minutes=1)
"""The minimum time between two runs of the checks if an event causes the second run.

It prevents frequent events from causing load.
"""

LIMIT_BEFORE = Duration(seconds=2)
"""The time limit of an HTTP check that runs before the update.

It is short, so that the check does not delay the update.
"""


@dataclass(frozen=True)
class CheckRound:
    """The checks that run in one evaluation."""

    numbers: Sequence[int]
    """The index of each check in the deployment's rules."""

    checks: Sequence[Check]
    subject: CheckSubject
    is_before: bool
    """Whether the checks run before the update, when the environment still has the previous version."""


def checks_of(deployment: Deployment) -> Sequence[Check]:
    """Returns the deployment's checks. A rollback has none, because a failed check must not prevent the rollback."""
    return () if deployment.rollback or deployment.is_requested_rollback else deployment.rules.checks


def round_before(situation: Situation, step: Step) -> CheckRound | None:
    """Returns the HTTP checks that run before the update, or None if no check is needed.

    They show whether Wardrop can reach the address, and whether the check already fails on the previous version.
    """
    checks = checks_of(situation.deployment)
    numbers = [number for number, check in enumerate(checks) if check.function is None]
    if not numbers or not isinstance(step, Deploy):
        return None
    hurried = [with_fields(checks[n], within=min(checks[n].time_limit, LIMIT_BEFORE)) for n in numbers]
    return CheckRound(numbers, hurried, _subject(situation), is_before=True)


def round_after(situation: Situation) -> CheckRound | None:
    """Returns all checks, or None if no check is configured or if the checks ran a short time ago."""
    checks = checks_of(situation.deployment)
    ran = [record.at for record in situation.deployment.checks if record.at is not None]
    is_due = situation.is_tick or not ran or situation.now - min(ran) >= AGAIN_AFTER
    return CheckRound(range(len(checks)), checks, _subject(situation), is_before=False) if checks and is_due else None


def _subject(situation: Situation) -> CheckSubject:
    deployment, environment = situation.deployment, situation.environment
    update = deployment.update
    return CheckSubject(
        application=deployment.application,
        environment=environment.name,
        environment_id=environment.id,
        version_label=deployment.target_label,
        previous_version_label=update.version_label if update else environment.version_label,
        url=url_of(environment.cname),
        deployment=deployment.id,
        phase="baking" if deployment.state is State.BAKING else "deployed",
    )


def recorded(situation: Situation, round_: CheckRound, answers: Sequence[Answer]) -> Situation:
    """Returns a copy of the situation, with these results in the deployment's records."""
    deployment = situation.deployment
    records = records_of(checks_of(deployment), deployment.checks)
    for number, answer in zip(round_.numbers, answers, strict=True):
        record = records[number]
        records[number] = record.before(answer) if round_.is_before else record.after(answer, situation.now)
    return replace(situation, deployment=with_fields(deployment, checks=records))


def judge(deployment: Deployment, proven: Proven) -> Proven | Bad:
    """Judges a version by its checks, after all other evidence has shown that the version is good."""
    checks = checks_of(deployment)
    results = list(zip(checks, records_of(checks, deployment.checks), strict=True))
    for check, record in results:
        if record.counts_against_version(check):
            return _bad(check, record)
    unproven = [_clause(check, record) for check, record in results if record.result is not Result.PASSED]
    if unproven:
        return replace(proven, unknown="; ".join([*([proven.unknown] if proven.unknown else []), *unproven]))
    return replace(proven, reason="; ".join([proven.reason, *(_sentence(*result) for result in results)]))


def _bad(check: Check, record: CheckRecord) -> Bad:
    times = f", {record.failures} times in a row" if record.failures > 1 else ""
    before = "; it also failed before the update, so the version is not quarantined" if record.failed_before else ""
    return Bad(f"{_sentence(check, record)}{times}{before}", ran_and_failed=not record.failed_before)


def _sentence(check: Check, record: CheckRecord) -> str:
    return f"the check {check.title} {record.reason}"


def _clause(check: Check, record: CheckRecord) -> str:
    match record.result:
        case Result.FAILED:
            return f"{_sentence(check, record)}, {record.failures} time{'s' if record.failures > 1 else ''} so far"
        case None:
            return f"the check {check.title} has not run yet"
        case _:
            return f"cannot tell whether the version is good, because {_sentence(check, record)}"


def is_unreported(deployment: Deployment) -> bool:
    """Whether a check has an unknown result that no alert has reported yet."""
    return any(record.result is Result.UNKNOWN and not record.is_reported for record in deployment.checks)
