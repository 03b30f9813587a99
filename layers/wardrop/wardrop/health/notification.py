"""Notifications about health incidents."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

import msgspec

from wardrop.alerts.kinds import Kind, Severity
from wardrop.environments.model import Health
from wardrop.health.incident import Incident
from wardrop.structs import replace

SEVERITY_OF_HEALTH = {
    Health.INFO: Severity.INFO,
    Health.WARNING: Severity.WARNING,
    Health.DEGRADED: Severity.ERROR,
    Health.SEVERE: Severity.CRITICAL,
}
"""Beanstalk's own severity is not used: its events have severity WARN even if an environment serves no requests."""


class Ended(StrEnum):
    """Why an incident is closed although health did not recover."""

    TERMINATED = "terminated"
    NOT_SHOWN = "not_shown"
    NAME_REUSED = "name_reused"


class IncidentNotification(msgspec.Struct, frozen=True):
    kind: Kind
    at: datetime
    incident: Incident
    """As it is after the change that is reported."""

    causes: str = ""
    """As the health event stated them."""

    ended: Ended | None = None
    """None unless the incident ends without a recovery."""

    @property
    def is_recovery(self) -> bool:
        return self.kind is Kind.INCIDENT_RECOVERED

    @property
    def severity(self) -> Severity:
        return Severity.INFO if self.is_recovery else SEVERITY_OF_HEALTH[self.incident.health]


def merged(notifications: Iterable[IncidentNotification]) -> list[IncidentNotification]:
    """Drops the notifications of one check that a later one of the same check makes outdated.

    Opened as Warning and worsened to Severe: one notification, opened as Severe.
    Recovered and flapping: only flapping, because the recovery did not last.
    """
    kept: list[IncidentNotification] = []
    for notification in notifications:
        last = kept[-1] if kept and kept[-1].incident.id == notification.incident.id else None
        if last is not None and not last.is_recovery and notification.kind is Kind.INCIDENT_WORSENED:
            incident = replace(notification.incident, before=last.incident.before)
            kept[-1] = replace(notification, kind=last.kind, incident=incident)
        elif last is not None and last.is_recovery and notification.kind is Kind.INCIDENT_FLAPPING:
            kept[-1] = notification
        else:
            kept.append(notification)
    return kept
