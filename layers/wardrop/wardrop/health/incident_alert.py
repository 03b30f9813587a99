"""Creates the alert that reports a change of an incident."""

from wardrop.alerts.duration import lasting
from wardrop.alerts.kinds import Kind
from wardrop.alerts.model import Alert, HealthChange, new_alert
from wardrop.deployments.deployment import Deployment
from wardrop.environments.model import Environment
from wardrop.health.circumstances import Circumstances
from wardrop.health.incident import Incident
from wardrop.health.incident_rules import ABSENCE_LIMIT
from wardrop.health.notification import Ended, IncidentNotification
from wardrop.health.notification_rules import FLAPPING_WINDOW

ENDED_BECAUSE = {
    Ended.TERMINATED: "the environment was terminated",
    Ended.NOT_SHOWN: f"Beanstalk has not listed the environment for {lasting(ABSENCE_LIMIT)}",
    Ended.NAME_REUSED: "another environment now has the same name",
}


def alert_of_incident(
    notification: IncidentNotification,
    circumstances: Circumstances,
    environment: Environment | None,
    deployment: Deployment | None,
) -> Alert:
    incident, ended = notification.incident, notification.ended
    until = incident.recovered_at or notification.at if notification.is_recovery else notification.at
    causes = circumstances.causes or ([notification.causes] if notification.causes else [])
    return new_alert(
        notification.kind,
        f"{incident.id}/{incident.change}",
        notification.at,
        " ".join(filter(None, [text(notification), _in_progress(notification, deployment), circumstances.missing])),
        severity=notification.severity,
        title=f"incident closed: {ENDED_BECAUSE[ended]}" if ended else None,
        application=incident.application,
        environment=incident.environment,
        environment_id=incident.environment_id,
        version_label=environment.version_label if environment else None,
        incident=incident.id,
        change=incident.change,
        duration_seconds=max(0, int((until - incident.opened_at).total_seconds())),
        health=HealthChange(
            previous=incident.before,
            current=incident.health,
            causes=list(causes),
            instances=circumstances.instances or {},
        ),
        running=circumstances.running,
        last_deployment=circumstances.last_deployment,
        events=list(circumstances.events),
        next_step=circumstances.next_step,
    )


def text(notification: IncidentNotification) -> str:
    incident = notification.incident
    if notification.ended is not None:
        because = ENDED_BECAUSE[notification.ended]
        return f"The incident is closed, because {because}. The last health status was {incident.health}."
    if notification.kind is Kind.INCIDENT_RECOVERED:
        return _recovered(incident)
    if notification.kind is Kind.INCIDENT_FLAPPING:
        return _flapping(incident)
    before = f" from {incident.before}" if incident.before else ""
    has_event = incident.event_at == incident.as_of
    source = "Beanstalk sent an event about it." if has_event else "Wardrop received no event about it."
    return f"Health changed{before} to {incident.health}. {source}"


def _recovered(incident: Incident) -> str:
    lasted = lasting((incident.recovered_at or incident.as_of) - incident.opened_at)
    if not incident.flaps:
        return f"Health is {incident.health} again after {lasted}."
    times = "once" if incident.flaps == 1 else f"{incident.flaps} times"
    window = lasting(FLAPPING_WINDOW)
    return f"Health has not been bad for {window}. The incident lasted {lasted}, and health became bad again {times}."


def _flapping(incident: Incident) -> str:
    well_for = lasting((incident.bad_since or incident.as_of) - (incident.recovered_at or incident.as_of))
    return (
        f"Health is {incident.health} again, {well_for} after it recovered. Wardrop sends the next alert when health "
        f"gets worse, or when it has not been bad for {lasting(FLAPPING_WINDOW)}."
    )


def _in_progress(notification: IncidentNotification, deployment: Deployment | None) -> str:
    if deployment is None or notification.is_recovery:
        return ""
    state = deployment.state.replace("_", " ")
    return f"Wardrop's deployment of {deployment.label} is in progress ({state})."
