"""What people should know: written into the ledger together with the change that it tells."""

import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from wardrop.environments.model import Health, Progress

KEPT_SECONDS = 30 * 24 * 3600
MOST_ID_BYTES = 1024
"""Of a sort key (DynamoDB developer guide, "Constraints"); the key of a dropped file may have as many by itself."""


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"
    """Nobody is served, or nothing goes on without a person."""


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
    DEPLOYMENT_PROGRESSED = "deployment_progressed"
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
    INCIDENT_OPENED = "incident_opened"
    INCIDENT_WORSENED = "incident_worsened"
    INCIDENT_FLAPPING = "incident_flapping"
    """It came back soon after it had recovered; told once, until it has stayed well."""

    INCIDENT_RECOVERED = "incident_recovered"
    ENVIRONMENT_EVENT = "environment_event"
    """Something else that Beanstalk told of an environment and that matters."""

    MANAGED_UPDATE_FAILED = "managed_update_failed"
    DEAD_LETTERS = "dead_letters"
    """Wardrop itself is stuck: a message of its own waits in a dead-letter queue."""
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
    Kind.MANAGED_UPDATE_FAILED: Severity.ERROR,
    Kind.DEAD_LETTERS: Severity.ERROR,
    Kind.CLEAN_UP_INCOMPLETE: Severity.WARNING,
    Kind.VERSION_QUOTA_LOW: Severity.WARNING,
}
"""Of kinds that always weigh the same and are no mere information; an incident's is that of the health it reached."""


class HealthChange(msgspec.Struct, frozen=True, kw_only=True):
    """What an incident is about."""

    before: Health | None
    """None: nobody had told."""

    now: Health
    causes: list[str] = []
    instances: dict[str, int] = {}
    """How many instances have which health; empty where they do not report."""


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """The version that an environment runs."""

    label: str
    since: datetime | None = None
    """None: Wardrop did not deploy it."""


class LastDeployment(msgspec.Struct, frozen=True, kw_only=True):
    label: str
    state: str
    at: datetime
    by: str | None = None


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    alert_id: str
    """The same however often the change is tried, so that nothing is told twice."""

    kind: Kind
    severity: Severity
    at: datetime
    text: str
    title: str | None = None
    """What the headline says, where the kind says too little."""

    application: str | None = None
    environment: str | None = None
    environment_id: str | None = None
    version_label: str | None = None
    deployment: str | None = None
    incident: str | None = None
    change: int = 0
    """Which change of the deployment or the incident it tells; a later one has a higher number."""

    by: str | None = None
    """Who dropped the version, as stated, or asked for it, as AWS proved."""

    replaces: str | None = None
    """The version that ran before."""

    back_to: str | None = None
    """The version that a deployment is rolled back to."""

    progress: Progress | None = None
    lasted: int | None = None
    """Seconds: from a deployment's start, or an incident's, to this change."""

    health: HealthChange | None = None
    running: Running | None = None
    last_deployment: LastDeployment | None = None
    events: list[str] = []
    """Beanstalk's own warnings and errors that matter here, the newest first."""

    next_step: str | None = None
    """The command that a person may want to give now."""

    expires_at: int
    """Seconds since 1970, when DynamoDB may forget it."""

    @property
    def subject(self) -> str:
        """Alerts about the same are carried out in order."""
        return self.environment or self.application or "account"


def alert(
    kind: Kind, subject: str, at: datetime, text: str, *, severity: Severity | None = None, **about: Any
) -> Alert:
    """`subject` is what the alert is about: a deployment's or a drop's id."""
    return Alert(
        alert_id=_alert_id(subject, kind),
        kind=kind,
        severity=severity or SEVERITIES.get(kind, Severity.INFO),
        at=at,
        text=text,
        expires_at=int(at.timestamp()) + KEPT_SECONDS,
        **about,
    )


def _alert_id(subject: str, kind: Kind) -> str:
    whole = f"{subject}/{kind}"
    if len(whole.encode()) <= MOST_ID_BYTES:
        return whole
    return f"{hashlib.sha256(subject.encode()).hexdigest()}/{kind}"
