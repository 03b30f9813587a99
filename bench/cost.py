"""What a deployment and an idle month cost: counted calls, invocations and GB-seconds, times AWS's list prices."""

import json
import math
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table as Grid

from bench.calls import Own, war
from bench.figure import Figure
from bench.prices import AS_OF, PRICES
from local.cloud import Cloud
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.ledger.table import Table
from wardrop.deployments.advance import Look
from wardrop.deployments.steps import End
from wardrop.errors import NotNow
from wardrop.health.events import BeanstalkEvent, Detail

SPEED, MINUTE = 60, 1.0
"""Beanstalk and the ticks are sixty times faster, so what happens in a minute of AWS's happens in a second here."""

LATENCY_SECONDS = 0.03
"""Assumed for a call to AWS beyond what it takes here, for the functions wait for most of their time."""

MINUTES = 30 * 24 * 60
MEMORY_GB = 0.5
FUNCTIONS = ("ReceiveDrop", "WatchEnvironments", "AdvanceDeployment", "SendAlerts", "PostToSlack")
STANDARD_MAPPINGS, FIFO_MAPPINGS, POLLERS, POLLS_A_MINUTE = 2, 2, 5, 3
"""Lambda reads a standard queue with five long polls of 20 s at least (developer guide, "Using Lambda with
Amazon SQS"); for FIFO queues that is not documented, and the same is assumed. A stream's polls cost nothing."""

ALARMS, ENVIRONMENTS, PREFLIGHT_MINUTES = 8, 5, 9
S3_READS = ("GetObject", "HeadObject", "GetObjectTagging", "GetObjectAttributes")
PATIENCE_SECONDS = 90
DOCUMENT = "environments: [{name: shop-staging, bake: 2s}]"

Units = Counter[str]
"""How much of what PRICES names; Counter takes fractions as well."""


def figures() -> Iterator[Figure]:
    with Cloud(speed=SPEED) as cloud:
        for path in ("/wardrop", "/bench"):
            cloud.client("ssm").put_parameter(Name=f"{path}/applications/shop", Value=DOCUMENT, Type="String")
        per_tick = _invoked(cloud, "WatchEnvironments", ticks=10)
        deployment = _deployment(cloud)
    month = _idle_month(per_tick)
    for what, units, limit in (("a deployment", deployment, 0.01), ("an idle month", month, 3.0)):
        _print(what, units)
        yield Figure(f"cost of {what}, list prices of {AS_OF}", _dollars(units), limit, "$")


def _idle_month(per_tick: Units) -> Units:
    """Nothing is deployed; five environments have their settings read every nine minutes."""
    month = Units({name: count * MINUTES for name, count in per_tick.items()})
    month["schedule"] += MINUTES
    month["trace"] += MINUTES
    month["read"] += MINUTES * 2 * 0.5  # two questions to the index, eventually consistent
    month["write"] += 2 * ENVIRONMENTS * MINUTES / PREFLIGHT_MINUTES  # the item, and what the index shows of it
    polls = POLLERS * POLLS_A_MINUTE * MINUTES
    month["standard-queue"] += STANDARD_MAPPINGS * polls
    month["fifo-queue"] += FIFO_MAPPINGS * polls
    month["alarm-month"] += ALARMS
    month["secret-month"] += 1
    return month


def _deployment(cloud: Cloud) -> Units:
    """One through the deployed functions, for what an invocation takes; one in this process, for the units."""
    cloud.client("s3").put_object(Bucket=cloud.outputs["DropBucket"], Key="shop/shop-staging/shop-70.war", Body=war(70))
    ledger = Ledger(Table(cloud.client("dynamodb"), cloud.outputs["LedgerTable"]))
    cloud.eventually(lambda: ledger.environments.history("shop-staging"), PATIENCE_SECONDS)
    each = {function: _invoked(cloud, function) for function in FUNCTIONS}
    units, looks, events = _in_this_process(cloud)
    alerts = _alerts(cloud)
    counts = {"ReceiveDrop": 1, "WatchEnvironments": events, "AdvanceDeployment": looks}
    for function, count in (counts | {"SendAlerts": alerts, "PostToSlack": alerts}).items():
        units.update({name: amount * count for name, amount in each[function].items()})
        units["trace"] += count
    units["standard-queue"] += 3 * (events + 1)  # sent, received, deleted
    units["fifo-queue"] += 2 * looks  # received and deleted; what is sent is counted
    units["fifo-queue"] += 3 * alerts
    units["publish"] += alerts
    units["letter"] += alerts
    units["read"] += 2 * alerts  # is it sent, and what does its thread know
    units["write"] += 3 * alerts  # it is sent, here and in the index, and the thread knows
    return units


def _alerts(cloud: Cloud) -> int:
    """How many a deployment leads to; an invocation for each, where several would share one."""
    return int(
        cloud.client("dynamodb").query(
            TableName=cloud.outputs["LedgerTable"],
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": "alerts/shop-staging"}},
            Select="COUNT",
        )["Count"]
    )


def _in_this_process(cloud: Cloud) -> tuple[Units, int, int]:
    """What is read, written, stored and sent; how many looks there were, and how many events.

    Each event is a batch of its own here, which on AWS those of one second are not: it is an upper bound.
    """
    own = Own(cloud)
    units, name, known = _metered(own), "shop-staging", len(cloud.door("GET", "/events"))
    looks: list[Look | None] = []
    own.drop(name, 71)
    began, tick, events = time.monotonic(), 0, 0
    while not any(look and isinstance(look.step, End) for look in looks):
        if time.monotonic() - began > PATIENCE_SECONDS:
            raise TimeoutError("it was not deployed")
        told = [one for one in cloud.door("GET", "/events")[known:] if one["source"] == "aws.elasticbeanstalk"]
        known += len(told)
        events += len(told)
        for one in told:
            own.watch.on_events(
                [BeanstalkEvent(id=one["id"], detail_type=one["detail-type"], detail=Detail(environment_name=name))],
                datetime.now(UTC),
            )
            looks.append(_look(own, name))
        if time.monotonic() - began > tick * MINUTE:
            tick += 1
            own.watch.on_tick(str(tick), datetime.now(UTC))
            looks.append(_look(own, name))
        time.sleep(0.02)
    return units, len(looks), events


def _look(own: Own, name: str) -> Look | None:
    with suppress(NotNow):
        return own.advance(name, [], datetime.now(UTC))
    return None


def _metered(own: Own) -> Units:
    units = Units()

    def store(model: Any, **_: object) -> None:
        units["s3-read" if model.name in S3_READS else "s3-write"] += 1

    def send(**_: object) -> None:
        units["fifo-queue"] += 1

    def write(model: Any, params: dict[str, Any], **_: object) -> None:
        given = json.loads(params["body"])
        if model.name == "TransactWriteItems":
            # Twice the units of a plain write; what the index shows is written once more, plainly.
            for item in (next(iter(one.values())) for one in given["TransactItems"]):
                units["write"] += 2 * _kilobytes(item.get("Item", {}), 1) + ("active" in item.get("Item", {}))
        elif model.name in ("PutItem", "UpdateItem", "DeleteItem"):
            units["write"] += _kilobytes(given.get("Item", {}), 1)

    def read(model: Any, parsed: dict[str, Any], **_: object) -> None:
        if model.name in ("Query", "GetItem"):
            units["read"] += _kilobytes(parsed.get("Items", parsed.get("Item", {})), 4)

    own.s3.meta.events.register("before-call.s3", store)
    own.sqs.meta.events.register("before-call.sqs", send)
    own.dynamodb.meta.events.register("before-call.dynamodb", write)
    own.dynamodb.meta.events.register("after-call.dynamodb", read)
    return units


def _kilobytes(items: Any, unit: int) -> int:
    """In whole units, one at least; JSON is a little longer than what DynamoDB counts."""
    return max(1, math.ceil(len(json.dumps(items, default=str)) / (unit * 1024)))


def _invoked(cloud: Cloud, function: str, ticks: int = 0) -> Units:
    """What one invocation of a function takes on the average, cold starts left out."""
    logs, group = cloud.client("logs"), cloud.resources[f"{function}Log"]["ref"]

    def lines() -> list[str]:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        return [event["message"] for page in pages for event in page["events"]]

    def billed() -> list[float]:
        return [
            float(found[1]) / 1000 for line in lines() if (found := re.search(r"Billed Duration: ([\d.]+) ms", line))
        ]

    cloud.eventually(lambda: len(billed()) > ticks, PATIENCE_SECONDS)
    written, seconds = lines(), sorted(billed())
    calls = [call for call in cloud.door("GET", "/calls") if call["principal"] == function]
    waiting = LATENCY_SECONDS * len(calls) / len(seconds)
    typical = seconds[: max(1, len(seconds) * 9 // 10)]
    return Units(
        {
            "invocation": 1,
            "gb-second": MEMORY_GB * (sum(typical) / len(typical) + waiting),
            "log-gb": sum(map(len, written)) / len(seconds) / 1e9,
        }
    )


def _dollars(units: Units) -> float:
    return sum(PRICES[name].each * amount for name, amount in units.items())


def _print(what: str, units: Units) -> None:
    table = Grid(
        "", "how much", "of what", "$", title=f"{what}, us-east-1, {AS_OF}, no free tier", title_justify="left"
    )
    for name, amount in sorted(units.items(), key=lambda one: -PRICES[one[0]].each * one[1]):
        price = PRICES[name]
        table.add_row(name, f"{amount:,.6g}", price.what, f"{price.each * amount:.7f}")
    Console(width=110).print(table)
