"""Decides which changes of a health incident are reported as opened, worsened, flapping or recovered."""

from datetime import datetime, timedelta
from typing import assert_never

from wardrop.alerts.kinds import Kind
from wardrop.deployments.deployment import Deployment
from wardrop.environments.model import Health
from wardrop.health.incident import Incident, Phase
from wardrop.health.notification import Ended, IncidentNotification
from wardrop.structs import replace

FLAPPING_WINDOW = timedelta(minutes=15)
"""The time after a recovery within which bad health makes the same incident flapping, instead of opening a new one.

Example: an incident opens at 12:00, and health recovers at 12:05. Severe at 12:20 makes the incident flapping. Severe
at 12:21 would open a new incident. A flapping incident recovers after health has not been bad for the same time: if
health is Ok from 12:25 on, the recovery is reported at 12:40.
"""

Reported = tuple[Incident, list[IncidentNotification]]
"""The incident after its notifications."""


def report(incident: Incident, at: datetime, deployment: Deployment | None, causes: str) -> Reported:
    """`deployment` is Wardrop's deployment in progress. `causes` are the causes in the health event."""
    if incident.bad_since is None:
        return _report_recovery(incident, at)
    if deployment is not None and _is_brief(incident, at - incident.bad_since, deployment):
        return incident, []
    return _report_bad_health(incident, at, causes)


def _is_brief(incident: Incident, bad_for: timedelta, deployment: Deployment) -> bool:
    """Whether mild health has not lasted for `bad_for`. A deployment takes instances out of service for a while.

    Example with a `bad_for` of 3 min: Warning from 12:00:00 on is reported at 12:03:00. Degraded is reported at once.
    """
    is_mild = _rank(incident.health) < _rank(Health.DEGRADED)
    return is_mild and bad_for < deployment.rules.bad_for


def _report_bad_health(incident: Incident, at: datetime, causes: str) -> Reported:
    worst = max(incident.health, incident.worst_reported or Health.OK, key=_rank)
    reported = replace(incident, worst_reported=worst)
    match incident.phase:
        case Phase.UNREPORTED:
            return notified(replace(reported, phase=Phase.OPEN), at, Kind.INCIDENT_OPENED, causes)
        case Phase.CLOSED:
            flapping = replace(reported, phase=Phase.FLAPPING, flaps=incident.flaps + 1)
            return notified(flapping, at, Kind.INCIDENT_FLAPPING, causes)
        case Phase.OPEN | Phase.FLAPPING:
            if worst is incident.worst_reported:
                return incident, []
            return notified(reported, at, Kind.INCIDENT_WORSENED, causes)
        case _:
            assert_never(incident.phase)


def _report_recovery(incident: Incident, at: datetime) -> Reported:
    match incident.phase:
        case Phase.OPEN:
            is_due = True
        case Phase.FLAPPING:
            is_due = at - (incident.recovered_at or at) >= FLAPPING_WINDOW
        case Phase.UNREPORTED | Phase.CLOSED:
            is_due = False
        case _:
            assert_never(incident.phase)
    return notified(replace(incident, phase=Phase.CLOSED), at, Kind.INCIDENT_RECOVERED) if is_due else (incident, [])


def notified(incident: Incident, at: datetime, kind: Kind, causes: str = "", ended: Ended | None = None) -> Reported:
    incident = replace(incident, change=incident.change + 1)
    return incident, [IncidentNotification(kind, at, incident, causes, ended)]


def _rank(health: Health) -> int:
    return health.severity or 0
