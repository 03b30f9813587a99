"""Computes the result of a step: the change of the ledger, and the environments that are evaluated next.

The change contains the alerts and the promoted deployments. The ledger writes it in one transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from wardrop.alerts.kinds import Kind
from wardrop.deployments import line
from wardrop.deployments.announcement import alert_of, with_last_good
from wardrop.deployments.change import Change, EnvironmentRecord
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.following import repeated
from wardrop.deployments.promotion import NO_STAGE, NextStage, not_promoted, not_promoted_yet, promotions
from wardrop.deployments.situation import Situation
from wardrop.deployments.standing import GoodVersion, Hold, QuarantinedVersion, Standing
from wardrop.deployments.state import State, WaitKind, WaitsFor
from wardrop.deployments.steps import (
    Adopt,
    AlarmRaised,
    AskApproval,
    Bake,
    End,
    Recheck,
    Remind,
    Report,
    Requeue,
    RollBack,
    Unchecked,
    Unhealthy,
    Wait,
)
from wardrop.deployments.update import AutomaticRollback, Timers
from wardrop.environments.model import Environment
from wardrop.environments.version import Release
from wardrop.structs import replace as with_fields


@dataclass(frozen=True)
class Outcome:
    change: Change
    wake: Mapping[str, str] = field(default_factory=dict)
    """The causes of the wake-up messages, keyed by environment."""


def superseding(record: EnvironmentRecord, now: datetime) -> tuple[list[Change], EnvironmentRecord]:
    """Returns the changes that end superseded deployments, and the environment's record without these deployments."""
    waiting = [deployment for deployment in record.deployments if deployment.is_waiting]
    ended = line.superseded(waiting, record.standing)
    changes = [_announced(deployment.moved(end.state, end.reason, now)) for deployment, end in ended]
    over = {deployment.id for deployment, _ in ended}
    remaining = [deployment for deployment in record.deployments if deployment.id not in over]
    return changes, replace(record, deployments=remaining)


def change_by_step(
    step: AskApproval | Adopt | Requeue | Recheck | Unhealthy | AlarmRaised | Unchecked | Report | Remind | Bake | Wait,
    deployment: Deployment,
    now: datetime,
) -> Change | None:
    """Returns the change for a step that makes no call to Beanstalk, or None if the ledger does not change."""
    match step:
        case Wait() if step.waits_for == deployment.waits_for:
            return None
        case Wait() if deployment.is_waiting:
            return waiting(deployment, step.waits_for, step.reason, now)
        case Wait() if step.waits_for.kind is WaitKind.CONFIGURATION:
            return _announced(deployment.held(step.waits_for, step.reason, now), Kind.DEPLOYMENT_WAITING)
        case Wait():
            return None
        case Recheck():
            repeats = step.timers == deployment.timers
            return None if repeats else Change([deployment.timed(step.timers, step.reason)])
        case Unhealthy():
            unhealthy = with_fields(deployment, timers=step.timers).moved(deployment.state, step.reason, now)
            return _announced(unhealthy, Kind.DEPLOYMENT_UNHEALTHY)
        case AlarmRaised():
            raised = deployment.watching(step.alarms).moved(deployment.state, step.reason, now)
            return _announced(raised, Kind.DEPLOYMENT_UNHEALTHY)
        case Unchecked():
            unchecked = with_fields(_with_reported_checks(deployment), timers=Timers())
            return _announced(unchecked.moved(deployment.state, step.reason, now), Kind.DEPLOYMENT_UNCHECKED)
        case AskApproval():
            repeats = deployment.state is State.AWAITING_APPROVAL
            replacement_id = step.replacement.id if step.replacement else None
            return None if repeats else _announced(deployment.awaiting_approval(replacement_id, step.reason, now))
        case Adopt():
            adopted = _adopting(deployment, step.request_id).moved(deployment.state, step.reason, now)
            return Change([adopted]) if deployment.rollback else _announced(adopted)
        case Requeue():
            return _requeued(deployment, step.reason, now)
        case Report():
            progressed = deployment.progressed(step.progress).moved(deployment.state, step.reason, now)
            return _announced(progressed, Kind.DEPLOYMENT_PROGRESSED)
        case Remind():
            reminded = with_fields(deployment, reminded=True).moved(deployment.state, step.reason, now)
            return _announced(reminded, Kind.DEPLOYMENT_OVERDUE)
        case Bake():
            return _announced(_with_reported_checks(deployment).baking(step.reason, now, step.good_since))
        case _:
            assert_never(step)


def _adopting(deployment: Deployment, request_id: str) -> Deployment:
    """The adopted update may have started long after the alarms were read. So only the times of alarms count."""
    answered = deployment.answered(request_id)
    return answered.watching(with_fields(answered.alarms, before=None)) if answered.alarms else answered


def _with_reported_checks(deployment: Deployment) -> Deployment:
    return with_fields(deployment, checks=[record.reported() for record in deployment.checks])


def change_by_checks(reason: str, deployment: Deployment, record: EnvironmentRecord) -> Change | None:
    """Returns the change if only the results of checks have changed, or None if no result has changed."""
    if deployment in record.deployments:
        return None
    return Change([deployment.timed(deployment.timers, reason)])


def _announced(deployment: Deployment, kind: Kind | None = None) -> Change:
    return Change([deployment], alerts=[alert_of(deployment, kind)])


def waiting(deployment: Deployment, waits_for: WaitsFor | None, reason: str, now: datetime) -> Change:
    return _announced(deployment.waiting(waits_for, reason, now), Kind.DEPLOYMENT_WAITING)


def _requeued(deployment: Deployment, reason: str, now: datetime) -> Change:
    counted = deployment.with_lost_answer()
    if deployment.rollback is None:
        return waiting(counted, None, reason, now)
    return Change([counted.unclaimed().moved(State.ROLLING_BACK, reason, now)])


# The end of a deployment, and the rollback


def rolling_back(step: RollBack, situation: Situation, target: GoodVersion) -> Outcome:
    deployment, now = situation.deployment, situation.now
    rollback = AutomaticRollback(
        target=target,
        because=step.reason,
        environment_updated_at=step.environment_updated_at,
        deployment_id=situation.fleet.deployment_id,
        version_label=deployment.update.version_label if deployment.update else None,
        health=deployment.update.health if deployment.update else None,
    )
    back = deployment.rolling_back(rollback, f"{step.reason}; Wardrop rolls back to {target.label}", now)
    standing = quarantined(situation.standing, deployment, step.reason, now) if step.quarantine else None
    alert = with_last_good(alert_of(back), back, situation.standing)
    change = Change([back], standing=standing, alerts=[alert])
    return Outcome(change, {deployment.environment: f"back/{deployment.id}"})


def ended(deployment: Deployment, record: EnvironmentRecord, end: End, now: datetime) -> Outcome:
    """Returns the outcome of a deployment that does not succeed."""
    over, before = deployment.moved(end.state, end.reason, now), record.standing
    after = quarantined(before, deployment, end.reason, now) if end.quarantine else before
    if end.state is State.ROLLBACK_FAILED:
        after = after.held(Hold(by="Wardrop", at=now, because=end.reason, label=deployment.target_label))
    after = after.settled(end.settled_at) if end.settled_at else after.with_requests(deployment.request_ids)
    alert = with_last_good(alert_of(over), over, before)
    again = [repeated(over, now)] if end.repeats else []
    standing = after if after != before else None
    change = Change([over, *again], standing=standing, alerts=[alert, *map(alert_of, again)])
    return Outcome(change, _wake_next(deployment, record) | {each.environment: each.id for each in again})


def succeeded(situation: Situation, record: EnvironmentRecord, end: End, next_stage: NextStage) -> Outcome:
    """Records the version as good.

    If the version is good in all environments of its stage, also queues deployments to the next stage.
    """
    deployment, standing, now = situation.deployment, situation.standing, situation.now
    proven = good_version(deployment.label, deployment.release, situation.environment, now)
    good = with_fields(proven, origin=deployment.origin)
    if held := not_promoted(deployment, standing):
        next_stage = NO_STAGE
    withheld = held or not_promoted_yet(deployment, next_stage)
    over = deployment.moved(end.state, f"{end.reason}; {withheld}" if withheld else end.reason, now)
    following = promotions(over, next_stage, now)
    after = standing.with_good(good).without_quarantine(deployment.label, deployment.release)
    change = Change(
        [over, *following],
        standing=after.settled(end.settled_at) if end.settled_at else after,
        # A version may become good in two environments of a stage at the same time. Then the second transaction fails,
        # because a peer's revision has changed. The next evaluation reads the new revision, and promotes the version.
        unchanged=next_stage.peers,
        alerts=[alert_of(over), *map(alert_of, following)],
    )
    wake = {promoted.environment: promoted.id for promoted in following}
    return Outcome(change, wake | _wake_next(deployment, record))


def _wake_next(deployment: Deployment, record: EnvironmentRecord) -> dict[str, str]:
    others_wait = len(record.deployments) > 1
    return {deployment.environment: f"after/{deployment.id}"} if others_wait else {}


def good_version(label: str, release: Release | None, environment: Environment, now: datetime) -> GoodVersion:
    return GoodVersion(
        label=label, at=now, environment_id=environment.id, platform=environment.platform, release=release
    )


def quarantined(standing: Standing, deployment: Deployment, because: str, now: datetime) -> Standing:
    sha256 = deployment.release.sha256 if deployment.release else None
    quarantine = QuarantinedVersion(label=deployment.label, at=now, because=because, sha256=sha256)
    return standing.with_quarantined(quarantine)
