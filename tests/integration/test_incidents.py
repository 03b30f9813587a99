"""Health on the stand-in cloud: each incident is reported once and with its severity, with and without events."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.integration.shop import PROD, STAGING, Shop
from tests.integration.test_watch_environments import changed
from wardrop.alerts.kinds import Kind

OPENED, WORSENED, RECOVERED = Kind.INCIDENT_OPENED, Kind.INCIDENT_WORSENED, Kind.INCIDENT_RECOVERED
CAUSE = "100.0 % of the requests are failing with HTTP 5xx."


@pytest.fixture
def healthy(shop: Shop) -> Shop:
    """All environments are healthy, and the ledger has no incident."""
    shop.cloud.eventually(lambda: {_health(shop, name) for name in (STAGING, PROD)} == {"Ok"})
    shop.delete_records()
    return shop


def _health(shop: Shop, name: str) -> str:
    return str(shop.environment(name)["HealthStatus"])


def reported(shop: Shop, kind: Kind, since: datetime, environment: str = STAGING) -> dict[str, str]:
    """Waits for the alert of this kind, of which there must be one since that time."""

    def newer() -> list[dict[str, str]]:
        alerts = shop.alerts(environment=environment, kind=kind)
        return [alert for alert in alerts if datetime.fromisoformat(alert["at"]) >= since]

    [alert] = shop.cloud.eventually(newer)
    return alert


def health(environment: str, before: str, now: str, **differs: Any) -> dict[str, Any]:
    detail = {
        "Status": "Environment health changed",
        "EventDate": round(datetime.now(UTC).timestamp() * 1000),
        "ApplicationName": "shop",
        "Message": f"Environment health has transitioned from {before} to {now}. {CAUSE}",
        "EnvironmentName": environment,
        "Severity": "WARN",
    }
    return changed(environment, detail=detail | differs) | {"detail-type": "Health status change"}


def since() -> datetime:
    """Whole milliseconds, as the times of events have."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def test_severe_is_critical_with_its_causes_although_the_event_has_severity_warn(healthy: Shop) -> None:
    began = since()
    healthy.fault("health", environment=STAGING, status="Severe", cause=CAUSE)
    alert = reported(healthy, OPENED, began)
    assert alert["severity"] == "critical"
    assert alert["next_step"] == "wardrop status shop-staging"
    [event] = [
        event
        for event in healthy.cloud.control("GET", "/events")
        if "to Severe" in event["detail"].get("Message", "") and event["detail"]["EnvironmentName"] == STAGING
    ][-1:]
    assert event["detail"]["Severity"] == "WARN"
    [item] = [item for item in healthy.alerts(incident=alert["incident"]) if item["kind"] == OPENED]
    assert item["health"]["causes"] == {"L": [{"S": CAUSE}]}  # type: ignore[index]
    assert item["running"]["label"] == {"S": healthy.environment(STAGING)["VersionLabel"]}  # type: ignore[index]

    healthy.cloud.control("DELETE", "/faults")
    recovered = reported(healthy, RECOVERED, began)
    assert recovered["incident"] == alert["incident"]
    assert recovered["severity"] == "info"


def test_a_tick_reports_bad_health_whose_event_was_lost(healthy: Shop) -> None:
    began = since()
    healthy.fault("events-lost", rate=1)
    healthy.fault("health", environment=PROD, status="Degraded")
    alert = reported(healthy, OPENED, began, PROD)
    assert alert["severity"] == "error"
    assert "Beanstalk sent no event about it" in alert["text"]
    healthy.cloud.control("DELETE", "/faults")
    healthy.fault("events-lost", rate=1)
    assert reported(healthy, RECOVERED, began, PROD)["incident"] == alert["incident"]


def test_an_incident_opens_worsens_and_recovers_by_events_that_come_twice(healthy: Shop) -> None:
    began = since()
    course = [("Ok", "Warning", OPENED), ("Warning", "Severe", WORSENED), ("Severe", "Ok", RECOVERED)]
    for before, now, kind in course:
        event = health(STAGING, before, now)
        healthy.put_event(event)
        reported(healthy, kind, began)
        healthy.put_event(event | {"id": f"{event['id']}-again"})
    healthy.cloud.eventually(lambda: not healthy.message_count("BeanstalkEvents"))
    alerts = healthy.alerts(environment=STAGING, incident=reported(healthy, OPENED, began)["incident"])
    assert [(alert["kind"], alert["severity"]) for alert in alerts] == [
        (OPENED, "warning"),
        (WORSENED, "critical"),
        (RECOVERED, "info"),
    ]
    assert [alert["change"] for alert in alerts] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("detail_type", "status", "message", "kind", "severity"),
    [
        (
            "Managed update status change",
            "Managed update failed",
            "Managed update failed, retrying in 60 minutes.",
            Kind.MANAGED_UPDATE_FAILED,
            "error",
        ),
        (
            "Other resource status change",
            "Load balancer deleted",
            "Deleted load balancer named: awseb-AWSEB-1",
            Kind.ENVIRONMENT_EVENT,
            "error",
        ),
    ],
)
def test_other_events_are_reported_once_with_the_severity_of_the_table(
    shop: Shop, detail_type: str, status: str, message: str, kind: Kind, severity: str
) -> None:
    began = since()
    event = health(STAGING, "Ok", "Ok", Status=status, Message=message, Severity="INFO")
    event["detail-type"] = detail_type
    for _ in range(2):
        shop.put_event(event)
    assert reported(shop, kind, began)["severity"] == severity
    shop.cloud.eventually(lambda: not shop.message_count("BeanstalkEvents"))
    assert reported(shop, kind, began)["text"] == message


def test_a_hundred_events_cost_few_calls_and_none_is_lost(healthy: Shop) -> None:
    began, before = since(), len(healthy.calls())
    for number in range(100):
        healthy.put_event(health(STAGING, "Ok", "Severe") if number == 50 else changed(STAGING))
    reported(healthy, OPENED, began)
    healthy.cloud.eventually(lambda: not healthy.message_count("BeanstalkEvents"))
    actions = [call["action"] for call in healthy.calls()[before:] if call["principal"] == "WatchEnvironments"]
    assert actions.count("DescribeEnvironments") <= actions.count("Query")
    assert healthy.dead_letters() == {}
