"""Decides which changes of a health incident are reported as opened, worsened, flapping or recovered."""

from datetime import datetime, timedelta
from typing import assert_never

from wardrop.alerts.kinds import Kind
from wardrop.health.evidence import HealthCheck
from wardrop.health.incident import Incident, Phase
from wardrop.health.notification import Ended, IncidentNotification
from wardrop.structs import replace

FLAPPING_WINDOW = timedelta(minutes=15)
"""If health becomes bad within this time after a recovery, the incident is flapping.

After this time, a new incident opens.

Example: an incident opens at 12:00, and health recovers at 12:05. Severe at 12:20 makes the incident flapping. Severe
at 12:21 would open a new incident. The recovery of a flapping incident is reported after health has not been bad for
FLAPPING_WINDOW. If health is Ok from 12:25 on, the recovery is reported at 12:40.
"""

Reported = tuple[Incident, list[IncidentNotification]]
"""The incident after its notifications."""


def report(incident: Incident, at: datetime, check: HealthCheck, causes: str) -> Reported:
    """`causes` are the causes in the health event."""
    if incident.bad_since is None:
        return _report_recovery(incident, at)
    if check.postpones(incident, at):
        return incident, []
    return _report_bad_health(incident, at, causes)


def _report_bad_health(incident: Incident, at: datetime, causes: str) -> Reported:
    is_worst = incident.worst_reported is None or not incident.worst_reported.is_at_least(incident.health)
    reported = replace(incident, worst_reported=incident.health) if is_worst else incident
    match incident.phase:
        case Phase.UNREPORTED:
            return notified(replace(reported, phase=Phase.OPEN), at, Kind.INCIDENT_OPENED, causes)
        case Phase.CLOSED:
            flapping = replace(reported, phase=Phase.FLAPPING, flaps=incident.flaps + 1)
            return notified(flapping, at, Kind.INCIDENT_FLAPPING, causes)
        case Phase.OPEN | Phase.FLAPPING:
            return notified(reported, at, Kind.INCIDENT_WORSENED, causes) if is_worst else (incident, [])
        case _:
            assert_never(incident.phase)


def _report_recovery(incident: Incident, at: datetime) -> Reported:
    is_steady = incident.phase is Phase.FLAPPING and at - (incident.recovered_at or at) >= FLAPPING_WINDOW
    is_due = incident.phase is Phase.OPEN or is_steady
    return notified(replace(incident, phase=Phase.CLOSED), at, Kind.INCIDENT_RECOVERED) if is_due else (incident, [])


def notified(incident: Incident, at: datetime, kind: Kind, causes: str = "", ended: Ended | None = None) -> Reported:
    incident = replace(incident, change=incident.change + 1)
    return incident, [IncidentNotification(kind, at, incident, causes, ended)]
