"""The outcome of a drop: its deployments, its receipt, and the changes to the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wardrop.alerts.kinds import Kind
from wardrop.alerts.model import Alert, new_alert
from wardrop.configuration.in_force import InForce
from wardrop.deployments.announcement import alert_of
from wardrop.deployments.change import Change
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.history import Moment
from wardrop.deployments.ids import deployment_id
from wardrop.deployments.standing import Standing
from wardrop.deployments.state import State
from wardrop.drops.drop import Drop
from wardrop.drops.inspected_drop import InspectedDrop
from wardrop.drops.joining import Join
from wardrop.drops.receipt import Receipt, ReceiptStatus
from wardrop.drops.targets import Targets
from wardrop.environments.version import Version
from wardrop.foreign_text import one_line


@dataclass(frozen=True)
class DropDeployments:
    """The deployments of a drop. `queued` and `joins` are empty if there is nothing to deploy."""

    queued: Sequence[Deployment] = ()
    joins: Sequence[Join] = ()
    confirmed: Sequence[Standing] = ()
    """The changed standings of environments that already run the content.

    After this change, no older drop is deployed to these environments.
    """


@dataclass(frozen=True)
class Outcome:
    receipt: Receipt
    change: Change
    version: Version | None = None
    """The version of the drop."""


def accepted(drop: Drop, version: Version, targets: Targets, rollout: DropDeployments, now: datetime) -> Outcome:
    """Returns the outcome of an accepted drop. If the drop neither queues nor joins a deployment, an alert says so."""
    reason = _reason(version.label, targets, rollout)
    joined = [join.deployment for join in rollout.joins]
    deployments = [*rollout.queued, *joined]
    alerts = [alert_of(deployment) for deployment in rollout.queued]
    if not rollout.queued and not joined:
        alerts = [_version_alert(drop, version, reason, now)]
    receipt = Receipt(
        drop=drop.id,
        status=ReceiptStatus.ACCEPTED,
        reason=reason,
        at=now,
        application=version.application,
        label=version.label if rollout.queued or not joined else joined[0].label,
        deployments=[deployment.id for deployment in deployments],
        environments=[deployment.environment for deployment in deployments],
    )
    standings = [join.standing for join in rollout.joins if join.standing is not None]
    return Outcome(receipt, Change(deployments, joined=[*standings, *rollout.confirmed], alerts=alerts), version)


def replaced(drop: Drop, reason: str, now: datetime) -> Outcome:
    """Returns the outcome of an empty object that was replaced or deleted. No alert is sent."""
    return Outcome(Receipt(drop=drop.id, status=ReceiptStatus.REPLACED, reason=reason, at=now), Change())


def rejected(drop: Drop, reason: str, application: str | None, now: datetime) -> Outcome:
    receipt = Receipt(drop=drop.id, status=ReceiptStatus.REJECTED, reason=reason, at=now, application=application)
    alerts = [new_alert(Kind.DROP_REJECTED, drop.id, now, f"{drop.key}: {reason}", application=application)]
    return Outcome(receipt, Change(alerts=alerts))


def _version_alert(drop: Drop, version: Version, reason: str, now: datetime) -> Alert:
    return new_alert(
        Kind.VERSION_MADE, drop.id, now, reason, application=version.application, version_label=version.label
    )


def _reason(label: str, targets: Targets, rollout: DropDeployments) -> str:
    reasons = []
    if rollout.queued:
        queued_for = " and ".join(deployment.environment for deployment in rollout.queued)
        reasons.append(f"{label} is queued for {queued_for}")
    for deployment in (join.deployment for join in rollout.joins):
        does = "already waits to be deployed to" if deployment.is_waiting else "is already being deployed to"
        reasons.append(f"{deployment.label} {does} {deployment.environment}, so this drop joins that deployment")
    if reasons and rollout.confirmed:
        running_in = " and ".join(standing.environment for standing in rollout.confirmed)
        reasons.append(f"{label} already runs in {running_in}")
    if reasons:
        return "; ".join(reasons)
    if targets.why_none:
        return targets.why_none
    names = " and ".join(environment.name for environment in targets.environments)
    return f"{label} already runs in {names}; there is nothing to deploy"


def queued_deployments(
    inspected: InspectedDrop,
    version: Version,
    environments: Sequence[str],
    configuration: InForce,
    now: datetime,
) -> list[Deployment]:
    """Creates one deployment for each environment. The environments form one stage."""
    drop, dropped_by = inspected.drop, inspected.metadata.dropped_by
    reason = f"{version.label} was dropped as {one_line(drop.key)}" + (
        f", by {dropped_by} as stated" if dropped_by else ""
    )
    return [
        Deployment(
            id=deployment_id(now, drop.id, environment),
            application=version.application,
            environment=environment,
            label=version.label,
            state=State.QUEUED,
            reason=reason,
            arrival=inspected.arrival,
            drop=drop.id,
            dropped_by=dropped_by,
            origin=inspected.metadata.origin,
            release=version.release,
            rules=configuration.rules(environment, inspected.metadata.on_failure),
            promotes=inspected.promotes,
            stage=list(environments),
            history=[Moment(now, State.QUEUED, reason)],
        )
        for environment in environments
    ]
