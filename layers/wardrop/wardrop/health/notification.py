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
"""The severity of an alert for each health status.

The severity of Beanstalk's events is not used, because it is WARN even if the environment serves no requests.
"""


class Ended(StrEnum):
    """The reason why an incident is closed without a recovery."""

    TERMINATED = "terminated"
    NOT_SHOWN = "not_shown"
    NAME_REUSED = "name_reused"


class IncidentNotification(msgspec.Struct, frozen=True):
    kind: Kind
    at: datetime
    incident: Incident
    """The incident after the change that is reported."""

    causes: str = ""
    """The causes in the health event."""

    ended: Ended | None = None
    """The reason why the incident ended. None: the incident has not ended, or health has recovered."""

    @property
    def is_recovery(self) -> bool:
        return self.kind is Kind.INCIDENT_RECOVERED

    @property
    def severity(self) -> Severity:
        return Severity.INFO if self.is_recovery else SEVERITY_OF_HEALTH[self.incident.health]


def merged(notifications: Iterable[IncidentNotification]) -> list[IncidentNotification]:
    """Merges the notifications of one check, so that no outdated state is reported.

    Example: an incident opens as Warning and worsens to Severe. One notification reports that it opened as Severe. A
    recovery that is followed by flapping is dropped, because it did not last.
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
