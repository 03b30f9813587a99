"""Health on the stand-in cloud: incidents are told once, by their own severity, whether events come or not."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.integration.shop import PROD, STAGING, Shop
from tests.integration.test_watch_environments import changed
from wardrop.alerts.kinds import Kind

pytestmark = pytest.mark.xdist_group("shop-2")

OPENED, WORSENED, RECOVERED = Kind.INCIDENT_OPENED, Kind.INCIDENT_WORSENED, Kind.INCIDENT_RECOVERED
CAUSE = "100.0 % of the requests are failing with HTTP 5xx."


@pytest.fixture
def well(shop: Shop) -> Shop:
    """All environments are well, and nothing is known of any incident."""
    shop.cloud.eventually(lambda: {_health(shop, name) for name in (STAGING, PROD)} == {"Ok"})
    shop.forget()
    return shop


def _health(shop: Shop, name: str) -> str:
    return str(shop.environment(name)["HealthStatus"])


def told(shop: Shop, kind: Kind, since: datetime, environment: str = STAGING) -> dict[str, str]:
    """The one alert of this kind since then, once it is there."""

    def look() -> list[dict[str, str]]:
        found = shop.alerts(environment=environment, kind=kind)
        return [one for one in found if datetime.fromisoformat(one["at"]) >= since]

    [alert] = shop.cloud.eventually(look)
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
    """Events are dated to the millisecond."""
    return datetime.now(UTC).replace(microsecond=0)


def test_severe_is_critical_though_beanstalk_says_warn_and_comes_with_its_causes(well: Shop) -> None:
    began = since()
    well.fault("health", environment=STAGING, status="Severe", cause=CAUSE)
    alert = told(well, OPENED, began)
    assert alert["severity"] == "critical"
    assert alert["next_step"] == "wardrop status shop-staging"
    [event] = [
        one
        for one in well.cloud.door("GET", "/events")
        if "to Severe" in one["detail"].get("Message", "") and one["detail"]["EnvironmentName"] == STAGING
    ][-1:]
    assert event["detail"]["Severity"] == "WARN"
    [item] = [one for one in well.alerts(incident=alert["incident"]) if one["kind"] == OPENED]
    assert item["health"]["causes"] == {"L": [{"S": CAUSE}]}  # type: ignore[index]
    assert item["running"]["label"] == {"S": well.environment(STAGING)["VersionLabel"]}  # type: ignore[index]

    well.cloud.door("DELETE", "/faults")
    recovered = told(well, RECOVERED, began)
    assert recovered["incident"] == alert["incident"]
    assert recovered["severity"] == "info"


def test_what_no_event_told_is_found_by_the_tick(well: Shop) -> None:
    began = since()
    well.fault("events-lost", rate=1)
    well.fault("health", environment=PROD, status="Degraded")
    alert = told(well, OPENED, began, PROD)
    assert alert["severity"] == "error"
    assert "Beanstalk sent no event about it" in alert["text"]
    well.cloud.door("DELETE", "/faults")
    well.fault("events-lost", rate=1)
    assert told(well, RECOVERED, began, PROD)["incident"] == alert["incident"]


def test_it_opens_worsens_and_recovers_by_events_alone_each_told_once_though_all_come_twice(well: Shop) -> None:
    began = since()
    course = [("Ok", "Warning", OPENED), ("Warning", "Severe", WORSENED), ("Severe", "Ok", RECOVERED)]
    for before, now, kind in course:
        event = health(STAGING, before, now)
        well.tell(event)
        told(well, kind, began)
        well.tell(event | {"id": f"{event['id']}-again"})
    well.cloud.eventually(lambda: not well.queued("BeanstalkEvents"))
    alerts = [one for one in well.alerts(environment=STAGING) if "incident" in one and one["at"] >= f"{began:%FT%T}"]
    assert [(one["kind"], one["severity"]) for one in alerts] == [
        (OPENED, "warning"),
        (WORSENED, "critical"),
        (RECOVERED, "info"),
    ]
    assert [one["change"] for one in alerts] == ["1", "2", "3"]


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
def test_what_else_matters_is_told_once_whatever_severity_aws_gives(
    shop: Shop, detail_type: str, status: str, message: str, kind: Kind, severity: str
) -> None:
    began = since()
    event = health(STAGING, "Ok", "Ok", Status=status, Message=message, Severity="INFO")
    event["detail-type"] = detail_type
    for _ in range(2):
        shop.tell(event)
    assert told(shop, kind, began)["severity"] == severity
    shop.cloud.eventually(lambda: not shop.queued("BeanstalkEvents"))
    assert told(shop, kind, began)["text"] == message


def test_a_hundred_events_in_a_minute_cost_few_looks_and_lose_nothing(well: Shop) -> None:
    began, before = since(), len(well.calls())
    for number in range(100):
        well.tell(health(STAGING, "Ok", "Severe") if number == 50 else changed(STAGING))
    told(well, OPENED, began)
    well.cloud.eventually(lambda: not well.queued("BeanstalkEvents"))
    calls = [one for one in well.calls()[before:] if one["principal"] == "WatchEnvironments"]
    batches = sum(one["action"] == "Query" for one in calls)
    assert sum(one["action"] == "DescribeEnvironments" for one in calls) <= batches
    assert well.dead() == {}
