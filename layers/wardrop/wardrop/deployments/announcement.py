"""Creates the alert about the latest change of a deployment."""

from wardrop.alerts.kinds import Kind
from wardrop.alerts.model import Alert, LastGood, new_alert
from wardrop.configuration.rules import Guard
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.replacement import Replacement
from wardrop.deployments.standing import Standing
from wardrop.deployments.state import State
from wardrop.guard.effect import Effect
from wardrop.structs import replace

_KINDS = {
    State.QUEUED: Kind.DEPLOYMENT_QUEUED,
    State.AWAITING_APPROVAL: Kind.DEPLOYMENT_AWAITING_APPROVAL,
    State.PREPARING: Kind.DEPLOYMENT_PREPARING,
    State.DEPLOYING: Kind.DEPLOYMENT_STARTED,
    State.BAKING: Kind.DEPLOYMENT_BAKING,
    State.ROLLING_BACK: Kind.DEPLOYMENT_ROLLING_BACK,
    State.SUCCEEDED: Kind.DEPLOYMENT_SUCCEEDED,
    State.SUPERSEDED: Kind.DEPLOYMENT_SUPERSEDED,
    State.DECLINED: Kind.DEPLOYMENT_DECLINED,
    State.CANCELLED: Kind.DEPLOYMENT_CANCELLED,
    State.FAILED: Kind.DEPLOYMENT_FAILED,
    State.ROLLED_BACK: Kind.DEPLOYMENT_ROLLED_BACK,
    State.ROLLBACK_FAILED: Kind.ROLLBACK_FAILED,
}

_EXPLAINED = (
    Kind.DEPLOYMENT_UNHEALTHY,
    Kind.DEPLOYMENT_ROLLING_BACK,
    Kind.DEPLOYMENT_FAILED,
    Kind.DEPLOYMENT_ROLLED_BACK,
    Kind.ROLLBACK_FAILED,
    Kind.DEPLOYMENT_EXPLAINED,
)
"""The alerts that quote the deployment log."""

_FIRST_UPDATE = (State.PREPARING, State.DEPLOYING)


def replacement_alert(deployment: Deployment, replacement: Replacement) -> Alert:
    alert = alert_of(deployment, Kind.DEPLOYMENT_REPLACES_INSTANCES)
    replaced = _REPLACED.get(replacement.effect)
    title = f"{deployment.target_label} replaces {replaced}" if replaced else None
    next_step = alert.next_step if deployment.rules.guard is Guard.ALERT else None
    return replace(alert, severity=replacement.severity, title=title, next_step=next_step)


_REPLACED = {
    Effect.REPLACES_IN_BATCHES: "all instances, in batches",
    Effect.REPLACES_AT_ONCE: "all instances at once",
    Effect.REPLACES_LOAD_BALANCER: "the load balancer",
}


def with_last_good(alert: Alert, deployment: Deployment, standing: Standing) -> Alert:
    """Adds the last good version to an alert about a failure, so that people can compare the two versions."""
    if alert.kind not in _EXPLAINED:
        return alert
    targets = [deployment.rollback.target] if deployment.rollback else standing.good
    good = next((version for version in targets if version.label != deployment.label), None)
    return replace(alert, last_good=LastGood(label=good.label, at=good.at, origin=good.origin)) if good else alert


def alert_of(deployment: Deployment, kind: Kind | None = None) -> Alert:
    """Creates the alert. If `kind` is None, the state of the deployment determines the kind."""
    latest = deployment.history[-1]
    kind = kind or _KINDS[deployment.state]
    explanation = deployment.explanation if kind in _EXPLAINED else None
    began = next((moment.at for moment in deployment.history if moment.state in _FIRST_UPDATE), None)
    return new_alert(
        kind,
        f"{deployment.id}/{deployment.revision}",
        latest.at,
        latest.reason,
        application=deployment.application,
        environment=deployment.environment,
        environment_id=deployment.update.environment_id if deployment.update else None,
        version_label=deployment.label,
        deployment=deployment.id,
        change=deployment.revision,
        by=deployment.asked.by if deployment.asked else deployment.dropped_by,
        previous_version=deployment.update.version_label if deployment.update else None,
        rollback_version=deployment.rollback.target.label if deployment.rollback else None,
        progress=deployment.update.progress if deployment.update else None,
        origin=deployment.origin,
        log_lines=explanation.cause.quotes if explanation and explanation.cause else [],
        log=explanation.log if explanation else None,
        duration_seconds=int((latest.at - began).total_seconds()) if began else None,
    )
