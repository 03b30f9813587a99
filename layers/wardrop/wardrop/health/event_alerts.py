"""Creates alerts about Beanstalk's events that do not report health.

The statuses in REPORTS are from AWS's table ("Using Elastic Beanstalk with Amazon EventBridge", field mapping). The
severities are Wardrop's own, because AWS gives failed managed updates and failed terminations the severity INFO. An
event with another status is reported as an error or a warning, depending on AWS's severity. If that severity is INFO,
DEBUG or TRACE, the event is not reported.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zlib import crc32

from wardrop.alerts.kinds import Kind, Severity
from wardrop.alerts.model import Alert, new_alert
from wardrop.environments.model import Environment, Health
from wardrop.health.circumstances import status_command
from wardrop.health.events import BeanstalkEvent


@dataclass(frozen=True)
class EventReport:
    title: str
    severity: Severity
    kind: Kind = Kind.ENVIRONMENT_EVENT


LAUNCHED_WITH_ISSUES = EventReport("the launch completed with issues", Severity.WARNING)
LOAD_BALANCER_DELETED = EventReport("the load balancer was deleted", Severity.ERROR)
HEALTH_UNKNOWN = EventReport("Beanstalk cannot determine the health", Severity.WARNING)
UNKNOWN_EVENT = EventReport("unknown Beanstalk event", Severity.WARNING)
UNKNOWN_ERROR = EventReport("unknown Beanstalk error", Severity.ERROR)

REPORTS: dict[str, EventReport | None] = {
    "environment creation started": None,
    "environment creation successful": None,
    "environment creation failed": EventReport("the launch failed", Severity.ERROR),
    "environment update started": None,
    "environment update successful": None,
    "environment update failed": EventReport("an update failed", Severity.ERROR),
    "environment termination started": EventReport("the environment is being terminated", Severity.WARNING),
    "environment termination successful": EventReport("the environment was terminated", Severity.WARNING),
    "environment termination failed": EventReport("the termination failed", Severity.ERROR),
    "auto scaling group created": None,
    "auto scaling group deleted": None,
    "instance added": None,
    "instance removed": None,
    "load balancer created": None,
    "load balancer deleted": LOAD_BALANCER_DELETED,
    "managed updated started": None,
    "managed update started": None,
    "managed update failed": EventReport(
        "a managed platform update failed", Severity.ERROR, Kind.MANAGED_UPDATE_FAILED
    ),
}
"""The report for each Status, in lower case. None: it is not reported. "Managed updated started" is AWS's spelling."""


def may_be_reported(event: BeanstalkEvent, now: datetime) -> bool:
    return event.health_event(now) is not None or _listed(event) is not None


def alerts_of_events(
    events: Iterable[BeanstalkEvent], environments: Mapping[str, Environment], now: datetime
) -> list[tuple[BeanstalkEvent, Alert]]:
    """Returns the alerts, each with its event. The deletion of a load balancer during a termination is not reported."""
    events = list(events)
    terminating = {event.environment for event in events if event.is_about_termination}
    alerts = []
    for event in events:
        environment = environments.get(event.environment or "")
        report = report_of(event, environment, now)
        is_terminated = environment is None or event.environment in terminating
        if report is None or (report is LOAD_BALANCER_DELETED and is_terminated):
            continue
        if event_alert := _alert(event, report, environment, now):
            alerts.append((event, event_alert))
    return alerts


def report_of(event: BeanstalkEvent, environment: Environment | None, now: datetime) -> EventReport | None:
    health_event = event.health_event(now)
    if health_event is None:
        return _listed(event)
    return HEALTH_UNKNOWN if environment is not None and _is_unknown(health_event.health, environment) else None


def _listed(event: BeanstalkEvent) -> EventReport | None:
    if event.status not in REPORTS:
        return _unknown(event.severity)
    return LAUNCHED_WITH_ISSUES if event.is_launch_with_issues else REPORTS[event.status]


def _unknown(severity: str) -> EventReport | None:
    """Returns the report for an event with an unknown status, or None if the event is not reported.

    An unknown severity is reported as a warning.
    """
    match severity:
        case "ERROR" | "FATAL":
            return UNKNOWN_ERROR
        case "INFO" | "DEBUG" | "TRACE":
            return None
        case _:
            return UNKNOWN_EVENT


def _is_unknown(health: Health, environment: Environment) -> bool:
    """Whether to report that the health is unknown.

    The status Suspended is reported, except during a launch. Unknown and NoData are reported only if the environment is
    Ready.
    """
    match health:
        case Health.SUSPENDED:
            return environment.status != "Launching"
        case Health.UNKNOWN | Health.NO_DATA:
            return environment.is_ready
        case _:
            return False


def _alert(event: BeanstalkEvent, report: EventReport, environment: Environment | None, now: datetime) -> Alert | None:
    """Returns the alert about an event, or None if the application is not known.

    If the application is not known, Wardrop might not serve the environment.
    """
    application = event.application or (environment.application if environment else None)
    if application is None:
        return None
    return new_alert(
        report.kind,
        f"{event.environment or application}/{event.status[:100]}/{_occasion(event, report, now)}",
        event.at(now),
        event.message or f"The event has no message. Its type is {event.detail_type}.",
        severity=report.severity,
        title=report.title,
        application=application,
        environment=event.environment,
        environment_id=environment.id if environment else None,
        next_step=status_command(environment.name) if environment else None,
    )


def _occasion(event: BeanstalkEvent, report: EventReport, now: datetime) -> str:
    """Returns the part of an alert's id that is the same for repeated deliveries.

    Unknown health is reported once an hour. Example: if health is unknown at 12:05 and at 12:55, there is one alert. If
    it is unknown at 13:01, there is another alert.
    """
    if report is HEALTH_UNKNOWN:
        return f"{event.at(now):%Y-%m-%dT%H}"
    return f"{event.detail.event_date or event.id}-{crc32(event.message.encode(errors='replace')):08x}"[:100]
