"""Beanstalk's events wake the environments with a deployment, and ticks do so if events are lost."""

import uuid
from typing import Any

import pytest

from tests.integration.shop import PATIENCE_SECONDS, PROD, STAGING, Shop
from wardrop.deployments.state import State


def update_event(environment: str, **differs: Any) -> dict[str, Any]:
    """The event with which Beanstalk reports the end of an update."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Elastic Beanstalk resource status change",
        "source": "aws.elasticbeanstalk",
        "account": "123456789012",
        "time": "2026-01-02T03:04:05Z",
        "region": "us-east-1",
        "resources": [f"arn:was:elasticbeanstalk:us-east-1:123456789012:environment/shop/{environment}"],
        "detail": {
            "Status": "Environment update completed",
            "EventDate": 1767323045000,
            "ApplicationName": "shop",
            "Message": "Environment update completed successfully.",
            "EnvironmentName": environment,
            "Severity": "INFO",
        },
    } | differs


@pytest.mark.parametrize("kind", ["events-lost", "events-doubled"])
def test_a_deployment_succeeds_even_if_events_are_lost_or_doubled(shop: Shop, kind: str) -> None:
    shop.fault(kind, rate=1)
    ended = shop.await_end(STAGING, shop.drop(f"shop/shop-staging/{kind}-1.war"))
    assert ended.state is State.SUCCEEDED
    assert shop.states(ended) == [State.QUEUED, State.DEPLOYING, State.SUCCEEDED]
    assert len(shop.alert_kinds(deployment=ended.id)) == 3


def test_a_failed_deployment_is_rolled_back_even_if_all_events_are_lost(shop: Shop) -> None:
    shop.fault("events-lost", rate=1)
    shop.fault("deploy-fails-health", environment=PROD, batch=1, times=1)
    ended = shop.await_end(PROD, shop.drop("shop/shop-prod/silent-1.war"))
    assert ended.state is State.ROLLED_BACK
    assert "did not pass health check" in ended.reason


def test_events_of_environments_without_a_deployment_wake_nothing(shop: Shop) -> None:
    shop.cloud.eventually(lambda: not shop.ledger.environments.active().explaining, PATIENCE_SECONDS)
    shop.await_settings()
    before = len(shop.calls())
    events = [
        update_event(PROD),
        update_event("somebody-elses"),
        update_event(STAGING, detail={"ApplicationName": "shop"}),
    ]
    for event in events:
        shop.put_event(event)
    shop.cloud.eventually(lambda: all(_targets(shop, event) for event in events))
    shop.cloud.eventually(lambda: not shop.message_count("BeanstalkEvents"))
    after = [call["action"] for call in shop.calls()[before:] if call["principal"] == "WatchEnvironments"]
    assert "Query" in after
    assert "SendMessageBatch" not in after


def test_a_health_event_without_an_applications_name_reaches_the_queue(shop: Shop) -> None:
    event = update_event(STAGING) | {"detail-type": "Health status change"}
    event["detail"] = event["detail"] | {"ApplicationName": ""}
    shop.put_event(event)
    assert len(shop.cloud.eventually(lambda: _targets(shop, event))) == 1


@pytest.mark.parametrize(
    "differs", [{"source": "aws.s3"}, {"detail-type": "AWS API Call via CloudTrail"}], ids=["source", "detail-type"]
)
def test_other_events_are_not_delivered(shop: Shop, differs: dict[str, str]) -> None:
    other, ours = update_event(STAGING, **differs), update_event(STAGING)
    shop.put_event(other)
    shop.put_event(ours)
    shop.cloud.eventually(lambda: _targets(shop, ours))
    assert _targets(shop, other) == []


def test_a_tick_with_nothing_to_do_wakes_nothing(shop: Shop) -> None:
    shop.await_settings()
    before = len(shop.calls())

    def ticks() -> list[str]:
        calls = shop.calls()[before:]
        return [call["action"] for call in calls if call["principal"] == "WatchEnvironments"]

    actions = shop.cloud.eventually(lambda: actions if len(actions := ticks()) >= 3 else [])
    assert "SendMessageBatch" not in actions


def _targets(shop: Shop, event: dict[str, Any]) -> list[str]:
    delivered = shop.cloud.control("GET", "/events")
    return next((other["targets"] for other in delivered if other["id"] == event["id"]), [])
