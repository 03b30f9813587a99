"""The parts of an alert that e-mail and Slack have in common: headline, facts, and link to the console."""

from datetime import datetime, timedelta
from enum import Enum, auto
from typing import NamedTuple
from urllib.parse import quote

from wardrop.alerts.duration import lasting
from wardrop.alerts.model import Alert, HealthChange, LastDeployment, LastGood, Running
from wardrop.environments.origin import Origin
from wardrop.structs import replace

CONSOLES = {"aws-cn": "amazonaws.cn", "aws-us-gov": "amazonaws-us-gov.com"}
"""The domain of the AWS console, keyed by AWS partition. In all other partitions, the domain is aws.amazon.com."""


MOST_SECONDS = 10**9
"""The longest duration that is shown, in seconds. A timedelta cannot represent every number of seconds."""


class Role(Enum):
    """The role of a fact. Slack messages show only facts with certain roles."""

    SUBJECT = auto()
    """The application, the environment or the version. The headline also names it."""

    DETAIL = auto()
    LINK = auto()
    """An https URL."""

    QUOTE = auto()
    """A line of a log."""

    REPORT = auto()
    """A complete sentence that Elastic Beanstalk wrote."""


class Fact(NamedTuple):
    role: Role
    label: str
    value: str


def headline(alert: Alert) -> str:
    """Returns one line, such as `shop-prod: shop-42 failed; rolled back to shop-41 after 6 min`."""
    return f"{alert.environment or alert.application or 'Wardrop'}: {alert.title or _headline(alert)}"


def _headline(alert: Alert) -> str:
    traits, progress = alert.kind.traits, alert.progress
    text = traits.headline.format(
        label=alert.version_label or "a version",
        rollback=alert.rollback_version or "the previous version",
        progress=f"{progress.done} of {progress.instances} instances" if progress else "some instances",
        health=alert.health.current if alert.health else "not known",
    )
    return text + (traits.duration.format(duration=_duration(alert.duration_seconds)) if alert.duration_seconds else "")


def facts(alert: Alert) -> list[Fact]:
    """Returns the facts that an alert shows, in order. The headline, the text and the next step are not included."""
    all_facts = [
        Fact(Role.SUBJECT, "Application", alert.application or ""),
        Fact(Role.SUBJECT, "Environment", alert.environment or ""),
        Fact(Role.SUBJECT, "Version", alert.version_label or ""),
        Fact(Role.DETAIL, "Requested by", alert.by or ""),
        Fact(Role.DETAIL, "Replaces", alert.previous_version or ""),
        *_origin(alert.origin),
        *_last_good(alert.last_good),
        *_health(alert.health),
        Fact(Role.DETAIL, "Running version", _running(alert.running)),
        Fact(Role.DETAIL, "Last deployment", _last_deployment(alert.last_deployment)),
        Fact(
            Role.DETAIL,
            "Duration",
            _duration(alert.duration_seconds) if alert.duration_seconds and not alert.kind.traits.duration else "",
        ),
        Fact(Role.DETAIL, "Deployment log", alert.log or ""),
        *(Fact(Role.QUOTE, "Log", line) for line in alert.log_lines),
        *(Fact(Role.REPORT, "Event", event) for event in alert.events),
    ]
    return [fact for fact in all_facts if fact.value]


def _origin(origin: Origin | None, of: str = "") -> list[Fact]:
    if origin is None:
        return []
    return [
        Fact(Role.DETAIL, f"Commit{of}", origin.commit or ""),
        Fact(Role.LINK, f"Build{of}", origin.build or ""),
        Fact(Role.DETAIL, f"Changes{of}", origin.changes or ""),
    ]


def _last_good(good: LastGood | None) -> list[Fact]:
    if good is None:
        return []
    origin = replace(good.origin, changes=None) if good.origin else None
    return [
        Fact(Role.DETAIL, "Last good version", f"{good.label}, since {moment(good.at)}"),
        *_origin(origin, of=f" of {good.label}"),
    ]


def _health(change: HealthChange | None) -> list[Fact]:
    if change is None:
        return []
    counts = ", ".join(f"{count} {status}" for status, count in change.instances.items())
    return [
        Fact(
            Role.DETAIL, "Health", f"{change.previous} → {change.current}" if change.previous else str(change.current)
        ),
        Fact(Role.DETAIL, "Instances", counts),
        *(Fact(Role.REPORT, "Cause", cause) for cause in change.causes),
    ]


def _running(running: Running | None) -> str:
    if running is None:
        return ""
    return f"{running.label}, since {moment(running.since)}" if running.since else running.label


def _last_deployment(deployment: LastDeployment | None) -> str:
    if deployment is None:
        return ""
    by = f", requested by {deployment.by}" if deployment.by else ""
    return f"{deployment.label} {deployment.state.replace('_', ' ')} at {moment(deployment.at)}{by}"


def _duration(seconds: int) -> str:
    return lasting(timedelta(seconds=max(0, min(seconds, MOST_SECONDS)))) if seconds else ""


def console(environment_id: str, region: str, partition: str) -> str:
    """Returns the URL of an environment's page in the console. AWS does not document the form of this URL."""
    host = f"{region}.console.{CONSOLES.get(partition, 'aws.amazon.com')}"
    page = f"home?region={region}#/environment/dashboard?environmentId={quote(environment_id, safe='')}"
    return f"https://{host}/elasticbeanstalk/{page}"


def moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
