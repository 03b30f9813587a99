"""The logs of the functions on the stand-in: the records of a deployment, and the metrics."""

import json
from typing import Any

from bench.notifications import logged
from local.cloud import Cloud
from tests.integration.shop import STAGING, Shop
from wardrop.deployments.state import State


def records(cloud: Cloud) -> list[dict[str, Any]]:
    functions = [name for name in cloud.resources if name.endswith("Log")]
    lines = [line for name in functions for line in logged(cloud, name.removesuffix("Log"))]
    return [json.loads(line) for line in lines if line.startswith("{")]


def test_the_id_of_a_deployment_is_in_the_records_of_all_functions(cloud: Cloud, shop: Shop) -> None:
    deployment = shop.drop("shop/shop-staging/story-1.war")
    ended = shop.await_end(STAGING, deployment)
    assert ended.state is State.SUCCEEDED

    def records_of_deployment() -> list[dict[str, Any]]:
        return [record for record in records(cloud) if record.get("deployment_id") == ended.id]

    cloud.eventually(
        lambda: {record["service"] for record in records_of_deployment()} >= {"post_to_slack", "send_alerts"}
    )
    changes = [record for record in records_of_deployment() if "state" in record]
    assert {record["service"] for record in changes} == {"receive_drop", "advance_deployment"}
    assert {record["environment"] for record in records_of_deployment()} == {STAGING}
    in_order = sorted(changes, key=lambda record: str(record["timestamp"]))
    assert (in_order[0]["state"], in_order[-1]["state"]) == (State.QUEUED, State.SUCCEEDED)


def test_the_functions_write_metrics_with_the_stack_as_their_dimension(cloud: Cloud, shop: Shop) -> None:
    shop.await_end(STAGING, shop.drop("shop/shop-staging/metrics-1.war"))
    lines = [record for record in records(cloud) if "_aws" in record]
    names = {metric["Name"] for line in lines for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]}
    assert {"DropsAccepted", "DeploymentsSucceeded", "DeploymentSeconds"} <= names
    assert {line["service"] for line in lines} == {"wardrop"}
    assert sum(record.get("beanstalk_calls", 0) for record in records(cloud)) > 1
