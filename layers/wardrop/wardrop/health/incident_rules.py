"""Applies evidence to a health incident, one item at a time.

Events may be late, duplicate, out of order, or lost. In the end, the result is the same in all cases: an incident is
open if and only if health is bad.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import assert_never

import msgspec

from wardrop.alerts.kinds import Kind
from wardrop.environments.model import Health
from wardrop.health.evidence import (
    MAX_DATE_AHEAD,
    Evidence,
    HealthCheck,
    HealthEvent,
    Listed,
    NameReused,
    NotListed,
    TerminationEvent,
)
from wardrop.health.incident import Incident, Phase
from wardrop.health.notification import Ended, IncidentNotification, merged
from wardrop.health.notification_rules import FLAPPING_WINDOW, Reported, notified, report
from wardrop.structs import replace

EVENT_AGE_LIMIT = timedelta(minutes=15)
"""The maximum age of events that count. An older event is ignored, because a check has read the health since then.

Example: an event with the date 12:00:00 counts if it arrives at 12:15:00, but not if it arrives at 12:15:01.
"""

SETTLING_TIME = timedelta(seconds=30)
"""The time after an event during which DescribeEnvironments may still return the previous health.

Example: an event with the date 12:00:00 reports Severe. The status Ok at 12:00:29 is ignored. The status Ok at 12:00:30
is a recovery.
"""

ABSENCE_LIMIT = timedelta(minutes=15)
"""The time after which an incident ends if DescribeEnvironments does not list the environment.

Example: the environment is missing from 12:01 on, and the incident ends at 12:16. If the environment is listed at
12:10, the 15 minutes start again with the next absence.
"""

CLOSED_INCIDENT_TTL = timedelta(days=1)
"""The time for which the ledger keeps a closed incident, so that repeated events do not open the incident again."""


class HealthState(msgspec.Struct, frozen=True):
    """The health of an environment as far as it is known after each item of evidence."""

    incident: Incident | None
    """The newest incident of the environment. None: the ledger has no incident."""

    event_at: datetime | None
    """The time of the newest health event, even if the event opened no incident."""

    causes: str = ""
    """The causes in the newest health event of this check. Another status from DescribeEnvironments removes them."""


Outcome = tuple[HealthState, list[IncidentNotification]]


def fold(
    incident: Incident | None, evidence: Iterable[Evidence], check: HealthCheck
) -> tuple[Incident | None, list[IncidentNotification]]:
    """Returns the incident after all the evidence of one check, and the incident's notifications."""
    state = HealthState(incident, incident.event_at if incident else None)
    notifications: list[IncidentNotification] = []
    for item in evidence:
        state, more = step(state, item, check)
        notifications += more
    return _with_expiry(state.incident), merged(notifications)


def step(state: HealthState, item: Evidence, check: HealthCheck) -> Outcome:
    match item:
        case NameReused():
            return _end(state, item.at, Ended.NAME_REUSED)
        case HealthEvent():
            return _on_health_event(state, item, check)
        case TerminationEvent():
            return _end(state, item.at, Ended.TERMINATED)
        case Listed():
            return _on_listed(state, item, check)
        case NotListed():
            return _on_not_listed(state, item)
        case _:
            assert_never(item)


def _on_health_event(state: HealthState, event: HealthEvent, check: HealthCheck) -> Outcome:
    is_not_newer = state.incident is not None and event.at <= state.incident.as_of
    is_too_old = check.now - event.at > EVENT_AGE_LIMIT
    is_in_the_future = event.at - check.now > MAX_DATE_AHEAD
    if is_not_newer or is_too_old or is_in_the_future or _is_undecided(event.health, check):
        return state, []
    return _apply(HealthState(state.incident, event.at, event.causes), event, check)


def _on_listed(state: HealthState, item: Listed, check: HealthCheck) -> Outcome:
    incident = state.incident
    if incident is not None and not check.is_of_another_environment(incident):
        incident = replace(incident, absent_since=None, environment_id=item.environment_id)
        state = replace(state, incident=incident)
    if _is_undecided(item.health, check):
        return state, []
    if incident is None or item.health is not incident.health:
        if state.event_at is not None and item.at - state.event_at < SETTLING_TIME:
            return state, []
        state = replace(state, causes="")
    return _apply(state, item, check)


def _on_not_listed(state: HealthState, item: NotListed) -> Outcome:
    """Ends the incident if the environment has been missing for ABSENCE_LIMIT.

    The incident does not end at once, because a single response may lack the environment by mistake.
    """
    incident = state.incident
    if incident is None or not incident.is_open:
        return state, []
    since = incident.absent_since or item.at
    state = replace(state, incident=replace(incident, absent_since=since))
    return _end(state, item.at, Ended.NOT_SHOWN) if item.at - since >= ABSENCE_LIMIT else (state, [])


def _end(state: HealthState, at: datetime, why: Ended) -> Outcome:
    """Closes an open incident without a recovery. Ignores an end that is older than the incident."""
    incident = state.incident
    if incident is None or not incident.is_open or at < incident.opened_at:
        return state, []
    as_of = max(at, incident.as_of)
    incident = replace(incident, bad_since=None, recovered_at=at, as_of=as_of, absent_since=None)
    if incident.phase in (Phase.UNREPORTED, Phase.CLOSED):
        return replace(state, incident=incident), []
    return _with(state, notified(replace(incident, phase=Phase.CLOSED), at, Kind.INCIDENT_RECOVERED, ended=why))


def _is_undecided(health: Health, check: HealthCheck) -> bool:
    """Whether the health status is neither good nor bad.

    This includes Info while the environment is being changed.
    """
    return health.severity is None or (health is Health.INFO and check.is_being_changed)


def _apply(state: HealthState, item: HealthEvent | Listed, check: HealthCheck) -> Outcome:
    """Records the health status. Returns the new state and the notification that is due, if any."""
    incident = state.incident
    if incident is not None and not _is_over(incident, item.at) and not check.is_of_another_environment(incident):
        incident = _updated(incident, state.event_at, item, check)
    elif check.is_bad(item.health):
        incident = _new_incident(state, item, check)
    else:
        return state, []
    return _with(state, report(incident, item.at, check, state.causes))


def _is_over(incident: Incident, at: datetime) -> bool:
    """Whether bad health at this time opens a new incident."""
    if incident.is_open:
        return False
    return incident.phase is Phase.UNREPORTED or at - (incident.recovered_at or incident.as_of) > FLAPPING_WINDOW


def _new_incident(state: HealthState, item: HealthEvent | Listed, check: HealthCheck) -> Incident:
    return Incident(
        id=f"{check.name}/{item.at:%Y-%m-%dT%H:%M:%S}.{item.at.microsecond // 1000:03}Z",
        application=check.application,
        environment=check.name,
        environment_id=check.environment.id if check.environment else None,
        opened_at=item.at,
        health=item.health,
        before=item.before if isinstance(item, HealthEvent) else None,
        as_of=item.at,
        event_at=state.event_at,
        bad_since=item.at,
        revision=state.incident.revision if state.incident else 0,
    )


def _updated(incident: Incident, event_at: datetime | None, item: HealthEvent | Listed, check: HealthCheck) -> Incident:
    is_bad, was_bad = check.is_bad(item.health), incident.bad_since is not None
    is_new_evidence = isinstance(item, HealthEvent) or item.health is not incident.health or is_bad is not was_bad
    updated = replace(
        incident,
        health=item.health,
        before=incident.health if item.health is not incident.health else incident.before,
        as_of=max(item.at, incident.as_of) if is_new_evidence else incident.as_of,
        event_at=event_at,
    )
    match was_bad, is_bad:
        case False, True:
            return replace(updated, bad_since=item.at, flaps=incident.flaps + (incident.phase is Phase.FLAPPING))
        case True, False:
            return replace(updated, bad_since=None, recovered_at=item.at)
        case _:
            return updated


def _with(state: HealthState, reported: Reported) -> Outcome:
    incident, notifications = reported
    return replace(state, incident=incident), notifications


def _with_expiry(incident: Incident | None) -> Incident | None:
    if incident is None:
        return None
    closed_at = None if incident.is_open else incident.recovered_at
    return replace(incident, expires_at=int((closed_at + CLOSED_INCIDENT_TTL).timestamp()) if closed_at else None)
