"""Measures the time from PutObject's response until UpdateEnvironment is accepted, with warm and cold functions.

Also measures the time that the stand-in needs to start.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

from bench.calls import war
from bench.figure import Figure, of_runs
from local.cloud import Cloud
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.ledger.table import Table

WARM_RUNS = 11
COLD_RUNS = 5
PATIENCE_SECONDS = 60


def figures() -> Iterator[Figure]:
    start_seconds, cold = [], []
    for number in range(COLD_RUNS):
        started = time.perf_counter()
        with Cloud(speed=600) as cloud:
            start_seconds.append(time.perf_counter() - started)
            configure(cloud)
            cold.append(_milliseconds(cloud, number))
    with Cloud(speed=60) as cloud:
        configure(cloud)
        warm = [_milliseconds(cloud, number) for number in range(WARM_RUNS + 1)][1:]
    yield of_runs("from PutObject's response to an accepted UpdateEnvironment, warm", warm, 200, "ms")
    yield of_runs("  cold: the first drop after the stand-in's start", cold, 1500, "ms")
    yield of_runs("start of the stand-in", start_seconds, 5, "s")


def _milliseconds(cloud: Cloud, number: int) -> float:
    """Waits until no deployment is in progress, and then measures one drop."""
    _wait_for_deployments(cloud)
    s3, key = cloud.client("s3"), f"shop/shop-staging/shop-{number}.war"
    s3.put_object(Bucket=cloud.outputs["DropBucket"], Key=key, Body=war(number))
    stored_at = datetime.now(UTC)
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        for call in reversed(cloud.control("GET", "/calls")):
            called_at = datetime.fromisoformat(call["time"])
            if called_at < stored_at:
                break
            if (call["action"], call["status"]) == ("UpdateEnvironment", 200):
                return (called_at - stored_at).total_seconds() * 1000
        time.sleep(0.02)
    raise TimeoutError(f"drop {number} was not deployed")


def configure(cloud: Cloud) -> None:
    """Stores a configuration. Without it, every deployment would bake for two minutes."""
    document = "environments: [{name: shop-staging, bake: 0s}]"
    cloud.client("ssm").put_parameter(Name="/wardrop/applications/shop", Value=document, Type="String", Overwrite=True)


def _wait_for_deployments(cloud: Cloud) -> None:
    """Waits until no deployment is in progress.

    Reads the state in the ledger, because the environment is still Ready for a moment after UpdateEnvironment.
    """
    ledger = Ledger(Table(cloud.client("dynamodb"), cloud.outputs["LedgerTable"]))
    cloud.eventually(lambda: not ledger.environments.active().deploying, PATIENCE_SECONDS)
