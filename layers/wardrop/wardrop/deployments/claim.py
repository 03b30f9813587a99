"""Changes of the ledger before and after a call to UpdateEnvironment.

Before the call, the ledger records a claim: the state of the environment before the update. After the call, the ledger
records the response.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from wardrop.alerts.model import Alert
from wardrop.configuration.rules import Guard
from wardrop.deployments.announcement import alert_of, replacement_alert
from wardrop.deployments.change import Change, EnvironmentRecord
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.outcome import waiting
from wardrop.deployments.situation import Situation
from wardrop.deployments.standing import GoodVersion
from wardrop.deployments.state import State, WaitKind, WaitsFor
from wardrop.deployments.steps import Deploy, Prepare
from wardrop.deployments.update import Update
from wardrop.evidence.alarms import watched_from
from wardrop.structs import replace as with_fields


def claimed(
    step: Deploy | Prepare, situation: Situation, record: EnvironmentRecord, adopted: GoodVersion | None
) -> Change:
    """Returns the change that records the claim of an update. The first deployment of the change contains the claim.

    If another deployment is baking, the change also ends that deployment.
    """
    deployment, environment, now = situation.deployment, situation.environment, situation.now
    update = Update(
        claimed_at=now,
        environment_id=environment.id,
        environment_updated_at=environment.updated_at,
        deployment_id=situation.fleet.deployment_id,
        health=(deployment.rollback and deployment.rollback.health) or environment.health,
        version_label=environment.version_label,
        reports_instances=environment.reports_instances,
    )
    state = State.PREPARING if isinstance(step, Prepare) else State.DEPLOYING
    calls = deployment.with_lost_answer() if is_repeated(step, deployment) else deployment
    moved = calls.moved(State.ROLLING_BACK if deployment.rollback else state, step.reason, now)
    settings, is_new = situation.settings, situation.settings != record.settings
    claim, announcement = _announcing(step, _watching_alarms(step, situation, moved.claiming(update, settings)))
    change = Change(
        [claim],
        alerts=announcement,
        settings={environment.name: settings} if settings and is_new else {},
    )
    before = situation.standing
    after = before.deploying(deployment.target_label) if isinstance(step, Deploy) else before
    if deployment.rollback is None:
        after = after.started(deployment.arrival)
    after = after.with_good(adopted) if adopted else after
    change = replace(change, standing=after if after != before else None)
    baking = [other for other in record.deployments if other.state is State.BAKING and other.id != deployment.id]
    return _ending_baking(change, deployment, baking, now)


def _watching_alarms(step: Deploy | Prepare, situation: Situation, claim: Deployment) -> Deployment:
    """Adds the alarms to watch. Alarms that are in ALARM before the update do not count against the version.

    A rollback watches no alarms.
    """
    if isinstance(step, Prepare) or claim.rollback is not None or situation.alarms is None:
        return claim
    return claim.watching(watched_from(claim.rules.alarms, situation.alarms))


def _announcing(step: Deploy | Prepare, claim: Deployment) -> tuple[Deployment, list[Alert]]:
    """Returns the claim, and an alert if the update may replace instances. The alert is written before the call.

    If the replacement was already announced or approved, no further alert is sent.
    """
    replacement, record = step.replacement if isinstance(step, Deploy) else None, claim.replacement
    is_notified = replacement is None or replacement.id in (record.announced, record.approved)
    if replacement is None or is_notified or claim.rules.guard is Guard.OFF:
        return claim, []
    announced = claim.announcing(replacement.id)
    return announced, [replacement_alert(announced, replacement)]


def is_repeated(step: Deploy | Prepare, deployment: Deployment) -> bool:
    """Whether the call repeats a change of settings that had no effect. No alert is sent for a repeated call."""
    return deployment.state is State.PREPARING and isinstance(step, Prepare)


def _ending_baking(change: Change, urgent: Deployment, baking: Sequence[Deployment], now: datetime) -> Change:
    by = urgent.asked.by if urgent.asked else "nobody"
    reason = f"Wardrop ends the bake of this version, because {by} requested {urgent.label}"
    over = [deployment.moved(State.SUPERSEDED, reason, now) for deployment in baking]
    alerts = [*change.alerts, *map(alert_of, over)]
    return replace(change, deployments=[*change.deployments, *over], alerts=alerts)


def answered(step: Deploy | Prepare, before: Deployment, claim: Deployment, request_id: str) -> Change:
    is_announced = before.rollback is None and not is_repeated(step, before)
    return Change([claim.answered(request_id)], alerts=[alert_of(claim)] if is_announced else [])


def declined(before: Deployment, claim: Deployment, reason: str, now: datetime) -> Change:
    """Returns the change of the ledger after Beanstalk has refused the call temporarily.

    Of several refusals in a row, the history contains only the first. It contains no refusal of a rollback.
    """
    unclaimed = with_fields(before.unclaimed(claim.revision), replacement=claim.replacement)
    waits_for = WaitsFor(WaitKind.CALL_DECLINED)
    if before.rollback is not None or (before.is_waiting and before.waits_for == waits_for):
        return Change([unclaimed])
    return waiting(unclaimed, waits_for, reason, now)
