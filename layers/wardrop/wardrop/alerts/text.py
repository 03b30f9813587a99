"""An alert as people read it, wherever: its headline, its facts, the way to the console."""

from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import quote

import msgspec

from wardrop.alerts.duration import lasting
from wardrop.alerts.model import Alert, HealthChange, Kind

HEADLINES = {
    Kind.DROP_REJECTED: "a drop is rejected",
    Kind.VERSION_MADE: "{label} is made, and not deployed",
    Kind.CONFIGURATION_REFUSED: "its configuration is refused",
    Kind.DEPLOYMENT_QUEUED: "{label} is queued",
    Kind.DEPLOYMENT_WAITING: "{label} waits",
    Kind.DEPLOYMENT_AWAITING_APPROVAL: "{label} waits for approval",
    Kind.DEPLOYMENT_APPROVED: "{label} is approved",
    Kind.DEPLOYMENT_PREPARING: "{label}: the deployment policy is set first",
    Kind.DEPLOYMENT_STARTED: "{label} is being deployed",
    Kind.DEPLOYMENT_PROGRESSED: "{label} is on {progress}",
    Kind.DEPLOYMENT_OVERDUE: "{label} takes too long",
    Kind.DEPLOYMENT_BAKING: "{label} is live, and has to stay well",
    Kind.DEPLOYMENT_ROLLING_BACK: "{label} is bad, going back to {back_to}",
    Kind.DEPLOYMENT_SUCCEEDED: "{label} is deployed{lasted}",
    Kind.DEPLOYMENT_SUPERSEDED: "{label} is superseded",
    Kind.DEPLOYMENT_DECLINED: "{label} is declined",
    Kind.DEPLOYMENT_CANCELLED: "{label} is cancelled",
    Kind.DEPLOYMENT_FAILED: "{label} failed",
    Kind.DEPLOYMENT_ROLLED_BACK: "{label} failed, {back_to} is back{lasted}",
    Kind.ROLLBACK_FAILED: "{label} failed, and so did going back to {back_to}",
    Kind.ENVIRONMENT_HELD: "deployments are held",
    Kind.ENVIRONMENT_PAUSED: "deployments are paused",
    Kind.ENVIRONMENT_RESUMED: "deployments go on",
    Kind.INCIDENT_OPENED: "health is {health}",
    Kind.INCIDENT_WORSENED: "health is worse: {health}",
    Kind.INCIDENT_FLAPPING: "health comes and goes: {health}",
    Kind.INCIDENT_RECOVERED: "recovered{lasted}",
    Kind.ENVIRONMENT_EVENT: "Beanstalk tells something",
    Kind.MANAGED_UPDATE_FAILED: "a managed platform update failed",
    Kind.VERSIONS_CLEANED: "old versions are cleaned up",
    Kind.CLEAN_UP_INCOMPLETE: "clean-up is not done yet",
    Kind.VERSION_QUOTA_LOW: "there is little room for new versions",
    Kind.DEAD_LETTERS: "Wardrop is stuck",
}

DOMAINS = {"aws-cn": "amazonaws.cn", "aws-us-gov": "amazonaws-us-gov.com"}
"""Of the console in each partition; everywhere else it is aws.amazon.com."""


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """An alert on its way to people; what travels in the queue to Slack."""

    alert: Alert
    channel: str | None = None
    """Slack's; None for the one that an incoming webhook is bound to."""

    link: str | None = None
    """The environment's page in Beanstalk's console."""


class Fact(NamedTuple):
    name: str
    value: str


def headline(alert: Alert) -> str:
    """One short line, without the severity: `shop-prod: shop-42 failed, shop-41 is back after 6 min`."""
    text = alert.title or HEADLINES[alert.kind].format(
        label=alert.version_label or "a version",
        health=alert.health.now if alert.health else "not known",
        back_to=alert.back_to or "what ran before",
        progress=f"{alert.progress.done} of {alert.progress.instances} instances" if alert.progress else "its way",
        lasted=f" after {lasting(timedelta(seconds=alert.lasted))}" if alert.lasted is not None else "",
    )
    where = alert.environment or alert.application
    return f"{where}: {text}" if where else text


def facts(alert: Alert) -> list[Fact]:
    """What a person wants to know beside the headline and the text, in the order of reading."""
    found = [
        Fact("Application", alert.application or ""),
        Fact("Environment", alert.environment or ""),
        Fact("Version", alert.version_label or ""),
        Fact("By", alert.by or ""),
        Fact("Replaces", alert.replaces or ""),
    ]
    if alert.health is not None:
        found += _health(alert.health)
    if alert.running is not None:
        since = f", since {moment(alert.running.since)}" if alert.running.since else ""
        found.append(Fact("Runs", f"{alert.running.label}{since}"))
    if last := alert.last_deployment:
        state = last.state.replace("_", " ")
        by = f", by {last.by}" if last.by else ""
        found.append(Fact("Last deployment", f"{last.label} {state} at {moment(last.at)}{by}"))
    found += [Fact("Beanstalk", event) for event in alert.events]
    return [fact for fact in found if fact.value]


def _health(health: HealthChange) -> list[Fact]:
    change = f"{health.before} → {health.now}" if health.before else str(health.now)
    counts = ", ".join(f"{count} {status}" for status, count in health.instances.items())
    return [Fact("Health", change), Fact("Instances", counts), *(Fact("Cause", cause) for cause in health.causes)]


def console(environment_id: str, region: str, partition: str) -> str:
    """The environment's page; its address is what the console shows, AWS documents none."""
    host = f"{region}.console.{DOMAINS.get(partition, 'aws.amazon.com')}"
    place = f"home?region={region}#/environment/dashboard?environmentId={quote(environment_id, safe='')}"
    return f"https://{host}/elasticbeanstalk/{place}"


def moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
