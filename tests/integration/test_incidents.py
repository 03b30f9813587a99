"""Health incidents on the stand-in: each is reported once and with its severity, with and without events."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.integration.shop import APPLICATION, PROD, STAGING, Shop
from tests.integration.test_watch_environments import update_event
from wardrop.alerts.kinds import Kind
from wardrop.deployments.state import State

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


def alert_ids(shop: Shop) -> set[str]:
    return {alert["alert_id"] for alert in shop.alerts()}


def await_alert(shop: Shop, kind: Kind, earlier: set[str], environment: str = STAGING) -> dict[str, str]:
    """Waits for an alert of this kind that is not in `earlier`. Fails if there are several.

    The time of an alert does not show whether it is new: a tick that began before the test may report an action of the
    test.
    """

    def new_alerts() -> list[dict[str, str]]:
        alerts = shop.alerts(environment=environment, kind=kind)
        return [alert for alert in alerts if alert["alert_id"] not in earlier]

    [alert] = shop.cloud.eventually(new_alerts)
    return alert


def health_event(environment: str, before: str, now: str, **differs: Any) -> dict[str, Any]:
    detail = {
        "Status": "Environment health changed",
        "EventDate": round(datetime.now(UTC).timestamp() * 1000),
        "ApplicationName": "shop",
        "Message": f"Environment health has transitioned from {before} to {now}. {CAUSE}",
        "EnvironmentName": environment,
        "Severity": "WARN",
    }
    return update_event(environment, detail=detail | differs) | {"detail-type": "Health status change"}


def test_severe_is_critical_with_its_causes_although_the_event_has_severity_warn(healthy: Shop) -> None:
    earlier = alert_ids(healthy)
    healthy.fault("health", environment=STAGING, status="Severe", cause=CAUSE)
    alert = await_alert(healthy, OPENED, earlier)
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
    recovered = await_alert(healthy, RECOVERED, earlier)
    assert recovered["incident"] == alert["incident"]
    assert recovered["severity"] == "info"


def test_a_tick_reports_bad_health_whose_event_was_lost(healthy: Shop) -> None:
    earlier = alert_ids(healthy)
    healthy.fault("events-lost", rate=1)
    healthy.fault("health", environment=PROD, status="Degraded")
    alert = await_alert(healthy, OPENED, earlier, PROD)
    assert alert["severity"] == "error"
    assert "Wardrop received no event about it" in alert["text"]
    healthy.cloud.control("DELETE", "/faults")
    healthy.fault("events-lost", rate=1)
    assert await_alert(healthy, RECOVERED, earlier, PROD)["incident"] == alert["incident"]


def test_an_incident_opens_worsens_and_recovers_although_each_event_is_delivered_twice(healthy: Shop) -> None:
    earlier = alert_ids(healthy)
    course = [("Ok", "Warning", OPENED), ("Warning", "Severe", WORSENED), ("Severe", "Ok", RECOVERED)]
    for before, now, kind in course:
        event = health_event(STAGING, before, now)
        healthy.put_event(event)
        await_alert(healthy, kind, earlier)
        healthy.put_event(event | {"id": f"{event['id']}-again"})
    healthy.cloud.eventually(lambda: not healthy.message_count("BeanstalkEvents"))
    alerts = healthy.alerts(environment=STAGING, incident=await_alert(healthy, OPENED, earlier)["incident"])
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
    earlier = alert_ids(shop)
    event = health_event(STAGING, "Ok", "Ok", Status=status, Message=message, Severity="INFO")
    event["detail-type"] = detail_type
    for _ in range(2):
        shop.put_event(event)
    assert await_alert(shop, kind, earlier)["severity"] == severity
    shop.cloud.eventually(lambda: not shop.message_count("BeanstalkEvents"))
    assert await_alert(shop, kind, earlier)["text"] == message


def test_a_hundred_events_cause_few_calls_and_none_is_lost(healthy: Shop) -> None:
    earlier, before = alert_ids(healthy), len(healthy.calls())
    for number in range(100):
        healthy.put_event(health_event(STAGING, "Ok", "Severe") if number == 50 else update_event(STAGING))
    await_alert(healthy, OPENED, earlier)
    healthy.cloud.eventually(lambda: not healthy.message_count("BeanstalkEvents"))
    actions = [call["action"] for call in healthy.calls()[before:] if call["principal"] == "WatchEnvironments"]
    assert actions.count("DescribeEnvironments") <= actions.count("Query")
    assert healthy.dead_letters() == {}


def test_good_deployments_lower_health_without_an_alert(healthy: Shop) -> None:
    """`shop-staging` has two instances, so its health is Severe while one of them is out of the load balancer."""
    earlier, before = alert_ids(healthy), len(healthy.cloud.control("GET", "/events"))
    healthy.configure(APPLICATION, "environments: [{name: shop-staging, bake: 0s, policy: keep}]")
    for policy in ("Rolling", "AllAtOnce"):
        healthy.set_option(STAGING, "DeploymentPolicy", policy)
        dropped = healthy.drop(f"shop/shop-staging/good-{policy.lower()}.war")
        assert healthy.await_end(STAGING, dropped).state is State.SUCCEEDED
    healthy.set_option(STAGING, "DeploymentPolicy", "Rolling")
    healthy.cloud.eventually(lambda: _health(healthy, STAGING) == "Ok")
    texts = [event["detail"].get("Message", "") for event in healthy.cloud.control("GET", "/events")[before:]]
    assert any("to Severe" in text for text in texts)
    alerts = [alert for alert in healthy.alerts(environment=STAGING) if alert["alert_id"] not in earlier]
    assert not {alert["kind"] for alert in alerts} & {OPENED, WORSENED, Kind.INCIDENT_FLAPPING}, alerts
