"""What people should know: written into the ledger together with the change that it tells."""

from datetime import datetime
from enum import StrEnum

import msgspec

from wardrop.domain.deployment import Deployment, State

KEPT_SECONDS = 30 * 24 * 3600


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"
    """Nothing goes on without a person."""


class Kind(StrEnum):
    DROP_REJECTED = "drop_rejected"
    VERSION_MADE = "version_made"
    CONFIGURATION_REFUSED = "configuration_refused"
    DEPLOYMENT_QUEUED = "deployment_queued"
    DEPLOYMENT_WAITING = "deployment_waiting"
    DEPLOYMENT_AWAITING_APPROVAL = "deployment_awaiting_approval"
    DEPLOYMENT_APPROVED = "deployment_approved"
    DEPLOYMENT_PREPARING = "deployment_preparing"
    DEPLOYMENT_STARTED = "deployment_started"
    DEPLOYMENT_OVERDUE = "deployment_overdue"
    DEPLOYMENT_BAKING = "deployment_baking"
    DEPLOYMENT_ROLLING_BACK = "deployment_rolling_back"
    DEPLOYMENT_SUCCEEDED = "deployment_succeeded"
    DEPLOYMENT_SUPERSEDED = "deployment_superseded"
    DEPLOYMENT_DECLINED = "deployment_declined"
    DEPLOYMENT_CANCELLED = "deployment_cancelled"
    DEPLOYMENT_FAILED = "deployment_failed"
    DEPLOYMENT_ROLLED_BACK = "deployment_rolled_back"
    ROLLBACK_FAILED = "rollback_failed"
    ENVIRONMENT_HELD = "environment_held"
    ENVIRONMENT_PAUSED = "environment_paused"
    ENVIRONMENT_RESUMED = "environment_resumed"
    VERSIONS_CLEANED = "versions_cleaned"
    CLEAN_UP_INCOMPLETE = "clean_up_incomplete"
    VERSION_QUOTA_LOW = "version_quota_low"


SEVERITIES = {
    Kind.DROP_REJECTED: Severity.ERROR,
    Kind.CONFIGURATION_REFUSED: Severity.WARNING,
    Kind.DEPLOYMENT_OVERDUE: Severity.WARNING,
    Kind.DEPLOYMENT_ROLLING_BACK: Severity.ERROR,
    Kind.DEPLOYMENT_FAILED: Severity.ERROR,
    Kind.DEPLOYMENT_ROLLED_BACK: Severity.ERROR,
    Kind.ROLLBACK_FAILED: Severity.CRITICAL,
    Kind.ENVIRONMENT_HELD: Severity.WARNING,
    Kind.CLEAN_UP_INCOMPLETE: Severity.WARNING,
    Kind.VERSION_QUOTA_LOW: Severity.WARNING,
}


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    alert_id: str
    """The same however often the change is tried, so that nothing is told twice."""

    kind: Kind
    severity: Severity
    at: datetime
    text: str
    application: str | None = None
    environment: str | None = None
    version_label: str | None = None
    deployment: str | None = None
    expires_at: int
    """Seconds since 1970, when DynamoDB may forget it."""


def alert(kind: Kind, subject: str, at: datetime, text: str, **about: str | None) -> Alert:
    """`subject` is what the alert is about: a deployment's or a drop's id."""
    return Alert(
        alert_id=f"{subject}/{kind}",
        kind=kind,
        severity=SEVERITIES.get(kind, Severity.INFO),
        at=at,
        text=text,
        expires_at=int(at.timestamp()) + KEPT_SECONDS,
        **about,
    )


_TOLD = {
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


def of(deployment: Deployment, kind: Kind | None = None) -> Alert:
    """What a deployment's latest change tells."""
    latest = deployment.history[-1]
    return alert(
        kind or _TOLD[deployment.state],
        f"{deployment.id}/{deployment.revision}",
        latest.at,
        latest.reason,
        application=deployment.application,
        environment=deployment.environment,
        version_label=deployment.label,
        deployment=deployment.id,
    )
