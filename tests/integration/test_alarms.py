"""CloudWatch alarms in the configuration of an environment, on the stand-in, by the real functions."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.shop import APPLICATION, STAGING, UNBAKED, Dropped, Shop
from wardrop.deployments.state import State

ALARM, LATER_ALARM = "shop-5xx", "shop-latency-p99"
WITH_ALARMS = 'environments: [{name: shop-staging, bake: 1d, guard: off, alarms: [shop-5xx, "shop-latency-*"]}]'


@pytest.fixture
def alarms(shop: Shop) -> Iterator[Any]:
    """Two configured alarms, which are OK. Returns the client of CloudWatch."""
    cloudwatch = shop.cloud.client("cloudwatch")
    for name in (ALARM, LATER_ALARM):
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            Namespace="AWS/ApplicationELB",
            MetricName="HTTPCode_Target_5XX_Count",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=5,
            ComparisonOperator="GreaterThanThreshold",
        )
        _set(cloudwatch, name, "OK")
    shop.configure(APPLICATION, WITH_ALARMS)
    yield cloudwatch
    cloudwatch.delete_alarms(AlarmNames=[ALARM, LATER_ALARM])


def _set(cloudwatch: Any, name: str, state: str) -> None:
    cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason=f"12 errors in 1 min: {state}.")


def _await_bake(shop: Shop, dropped: Dropped) -> None:
    deployment_id = shop.deployment_id(dropped)

    def is_baking() -> bool:
        deployment = shop.deployment(STAGING, deployment_id)
        return deployment is not None and deployment.state is State.BAKING

    shop.cloud.eventually(is_baking)


def test_an_alarm_during_the_bake_rolls_the_version_back_and_the_event_wakes_the_environment(
    shop: Shop, alarms: Any
) -> None:
    shop.configure(APPLICATION, UNBAKED)
    assert shop.await_end(STAGING, shop.drop("shop/shop-staging/calm-0.war")).state is State.SUCCEEDED
    shop.configure(APPLICATION, WITH_ALARMS)
    dropped = shop.drop("shop/shop-staging/noisy-1.war")
    _await_bake(shop, dropped)
    _set(alarms, LATER_ALARM, "ALARM")
    ended = shop.await_end(STAGING, dropped)
    assert ended.state is State.ROLLED_BACK
    assert ended.reason.startswith("the alarm shop-latency-p99 went into ALARM at ")
    assert "(12 errors in 1 min: ALARM); the deployment log" in ended.reason
    assert shop.instances(STAGING) == ["calm-0"] * 2
    woken = [line["woken"] for line in shop.log("WatchEnvironments") if line["message"] == "processed alarms"]
    assert [STAGING] in woken
    [alert] = shop.alerts(deployment=ended.id, kind="deployment_rolling_back")
    assert "the alarm shop-latency-p99 went into ALARM at " in alert["text"]


def test_an_alarm_that_was_in_alarm_before_the_update_does_not_count(shop: Shop, alarms: Any) -> None:
    shop.configure(APPLICATION, WITH_ALARMS.replace("1d", "0s"))
    _set(alarms, ALARM, "ALARM")
    ended = shop.await_end(STAGING, shop.drop("shop/shop-staging/despite-1.war"))
    assert ended.state is State.SUCCEEDED
    [started] = shop.alerts(deployment=ended.id, kind="deployment_started")
    assert "alarms that are already in ALARM do not count for this deployment: shop-5xx" in started["text"]
