"""Computes the cost of a deployment and of an idle month, at AWS's list prices, from counted calls and GB-seconds."""

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
from rich.table import Table as TextTable

from bench.calls import Functions, war
from bench.figure import Figure
from bench.notifications import logged
from bench.prices import AS_OF, PRICES
from local.cloud import Cloud
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.ledger.table import Table
from wardrop.deployments.steps import End, Look
from wardrop.errors import NotNow
from wardrop.health.events import BeanstalkEvent, Detail

SPEED, MINUTE = 60, 1.0
"""Beanstalk and the schedules run sixty times faster than on AWS, so a minute takes one second."""

LATENCY_SECONDS = 0.03
"""The assumption for how much longer a call to AWS takes than a call to the stand-in, in seconds."""

DAYS = 30
MINUTES = DAYS * 24 * 60
SWEEPS = MINUTES // 10
MEMORY_GB = 0.5
FUNCTIONS = (
    "ReceiveDrop",
    "WatchEnvironments",
    "GuardConfiguration",
    "AdvanceDeployment",
    "SendAlerts",
    "PostToSlack",
)
STANDARD_MAPPINGS, FIFO_MAPPINGS, POLLERS, POLLS_PER_MINUTE = 3, 2, 5, 3
"""The number of standard queues, of FIFO queues, of pollers for each queue, and of polls of a poller per minute.

Lambda reads a standard queue with at least five simultaneous long polls of 20 s (developer guide, "Using Lambda with
Amazon SQS"). The number of polls of a FIFO queue is not documented, and is assumed to be the same. Polls of a stream
are free.
"""

ALARMS, ENVIRONMENTS = 8, 5
SETTINGS_KB = 10
"""The size of an item with the settings of an environment."""

CLEAN_UP_METRICS = 2
"""The number of metrics that a clean-up writes: the number of versions, and the quota. There is one clean-up a day."""

S3_READS = ("GetObject", "HeadObject", "GetObjectTagging", "GetObjectAttributes")
PATIENCE_SECONDS = 90
DOCUMENT = "environments: [{name: shop-staging, bake: 2s}]"

Units = Counter[str]
"""The number of used units, keyed by the name of the price in PRICES. A number may be a fraction."""


def figures() -> Iterator[Figure]:
    with Cloud(speed=SPEED) as cloud:
        for path in ("/wardrop", "/bench"):
            cloud.client("ssm").put_parameter(Name=f"{path}/applications/shop", Value=DOCUMENT, Type="String")
        per_tick = _invoked(cloud, "WatchEnvironments", ticks=10)
        per_sweep = _invoked(cloud, "ReceiveDrop", ticks=2)
        deployment = _deployment(cloud)
    month = _idle_month(per_tick, per_sweep)
    for name, units, limit in (("a deployment", deployment, 0.01), ("an idle month", month, 3.1)):
        _print(name, units)
        yield Figure(f"cost of {name}, list prices of {AS_OF}", _dollars(units), limit, "$")
    dashboard = _dollars(Units({"dashboard-month": 1}))
    note = "the first three dashboards of an account are free"
    yield Figure("  if the account already has three dashboards: the additional cost", dashboard, 3.0, "$", note=note)


def _idle_month(per_tick: Units, per_sweep: Units) -> Units:
    """Returns the units of 30 days without a deployment. The settings of five environments are read once a day."""
    month = Units({name: count * MINUTES for name, count in per_tick.items()})
    month.update({name: count * SWEEPS for name, count in per_sweep.items()})
    month["gb-second"] += per_sweep["gb-second"] * SWEEPS  # ReceiveDrop has twice the memory
    month["schedule"] += MINUTES + SWEEPS
    month["trace"] += MINUTES + SWEEPS
    month["s3-write"] += SWEEPS  # one page of the list
    month["read"] += SWEEPS  # the state of the sweeps
    month["read"] += MINUTES  # two eventually consistent queries of the index, at half a unit each
    month["write"] += 2 * ENVIRONMENTS * DAYS * SETTINGS_KB  # the item and its copy in the index
    polls = POLLERS * POLLS_PER_MINUTE * MINUTES
    month["standard-queue"] += STANDARD_MAPPINGS * polls
    month["fifo-queue"] += FIFO_MAPPINGS * polls
    month["alarm-month"] += ALARMS
    month["metric-hour"] += DAYS * CLEAN_UP_METRICS
    month["secret-month"] += 1
    return month


def _deployment(cloud: Cloud) -> Units:
    """Returns the units of a deployment.

    The deployed functions run one deployment, to measure the invocations. This process runs another one, to count the
    calls.
    """
    cloud.client("s3").put_object(Bucket=cloud.outputs["DropBucket"], Key="shop/shop-staging/shop-70.war", Body=war(70))
    ledger = Ledger(Table(cloud.client("dynamodb"), cloud.outputs["LedgerTable"]))
    cloud.eventually(lambda: ledger.environments.history("shop-staging"), PATIENCE_SECONDS)
    per_invocation = {function: _invoked(cloud, function) for function in FUNCTIONS}
    units, invocations, events = _in_this_process(cloud)
    alerts = _alerts(cloud)
    counts = {"ReceiveDrop": 1, "WatchEnvironments": events, "AdvanceDeployment": invocations}
    for function, count in (counts | {"SendAlerts": alerts, "PostToSlack": alerts}).items():
        units.update({name: amount * count for name, amount in per_invocation[function].items()})
        units["trace"] += count
    units["standard-queue"] += 3 * (events + 1)  # each message is sent, received and deleted
    units["fifo-queue"] += 2 * invocations  # each message is received and deleted; _count_units counts the sending
    units["fifo-queue"] += 3 * alerts
    units["metric-hour"] += sum(len(_metrics(cloud, function)) for function in FUNCTIONS)
    units["publish"] += alerts
    units["e-mail"] += alerts
    units["read"] += 2 * alerts  # one for the alert, and one for its Slack thread
    units["write"] += 3 * alerts  # the alert, its copy in the index, and its Slack thread
    return units


def _alerts(cloud: Cloud) -> int:
    """Returns the number of alerts about one deployment.

    Each alert is counted as an invocation. This is an upper bound, because on AWS, one invocation may get several
    alerts.
    """
    return int(
        cloud.client("dynamodb").query(
            TableName=cloud.outputs["LedgerTable"],
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": "alerts/shop-staging"}},
            Select="COUNT",
        )["Count"]
    )


def _in_this_process(cloud: Cloud) -> tuple[Units, int, int]:
    """Runs a deployment. Returns its units, the number of invocations of AdvanceDeployment, and the number of events.

    Each event is processed separately. This is an upper bound, because on AWS, events of the same second share a batch.
    """
    functions, name = Functions(cloud), "shop-staging"
    units, offset = _count_units(functions), len(cloud.control("GET", "/events"))
    looks: list[Look | None] = []
    functions.drop(name, 71)
    started, ticks, events = time.monotonic(), 0, 0
    while not any(look and isinstance(look.step, End) for look in looks):
        if time.monotonic() - started > PATIENCE_SECONDS:
            raise TimeoutError("the drop was not deployed")
        new_events = cloud.control("GET", "/events")[offset:]
        offset += len(new_events)
        for event in new_events:
            if event["source"] == "aws.elasticbeanstalk":
                events += 1
                functions.watch.on_events([_beanstalk_event(event, name)], datetime.now(UTC))
                looks.append(_advance(functions, name))
        if time.monotonic() - started > ticks * MINUTE:
            ticks += 1
            functions.watch.on_tick(str(ticks), datetime.now(UTC))
            looks.append(_advance(functions, name))
        time.sleep(0.02)
    return units, len(looks), events


def _beanstalk_event(event: dict[str, Any], environment: str) -> BeanstalkEvent:
    detail = Detail(environment_name=environment)
    return BeanstalkEvent(id=event["id"], detail_type=event["detail-type"], detail=detail)


def _advance(functions: Functions, environment: str) -> Look | None:
    """Evaluates the environment. Returns None if the function would stop and wait for the next scheduled run."""
    with suppress(NotNow):
        return functions.advance(environment, [], datetime.now(UTC))
    return None


def _count_units(functions: Functions) -> Units:
    """Starts to count the calls of the functions. Each later call is added to the returned units."""
    units = Units()

    def count_s3(model: Any, **_: object) -> None:
        units["s3-read" if model.name in S3_READS else "s3-write"] += 1

    def count_sqs(**_: object) -> None:
        units["fifo-queue"] += 1

    def count_writes(model: Any, params: dict[str, Any], **_: object) -> None:
        request = json.loads(params["body"])
        if model.name == "TransactWriteItems":
            # A write in a transaction costs twice the units of a single write. An item in the index `active` costs
            # one unit more.
            for item in (next(iter(write.values())) for write in request["TransactItems"]):
                units["write"] += 2 * _request_units(item.get("Item", {}), 1) + ("active" in item.get("Item", {}))
        elif model.name in ("PutItem", "UpdateItem", "DeleteItem"):
            units["write"] += _request_units(request.get("Item", {}), 1)

    def count_reads(model: Any, parsed: dict[str, Any], **_: object) -> None:
        if model.name in ("Query", "GetItem"):
            units["read"] += _request_units(parsed.get("Items", parsed.get("Item", {})), 4)

    functions.s3.meta.events.register("before-call.s3", count_s3)
    functions.sqs.meta.events.register("before-call.sqs", count_sqs)
    functions.dynamodb.meta.events.register("before-call.dynamodb", count_writes)
    functions.dynamodb.meta.events.register("after-call.dynamodb", count_reads)
    return units


def _request_units(items: Any, kilobytes: int) -> int:
    """Returns the number of units. Each started block of this many kilobytes is one unit.

    The size of the JSON text is used, which is a little longer than DynamoDB's size.
    """
    return max(1, math.ceil(len(json.dumps(items, default=str)) / (kilobytes * 1024)))


def _invoked(cloud: Cloud, function: str, ticks: int = 0) -> Units:
    """Returns the average units of an invocation. Omits the slowest tenth, because it contains the cold starts."""

    def billed() -> list[float]:
        matches = (re.search(r"Billed Duration: ([\d.]+) ms", line) for line in logged(cloud, function))
        return [float(match[1]) / 1000 for match in matches if match]

    cloud.eventually(lambda: len(billed()) > ticks, PATIENCE_SECONDS)
    log, seconds = logged(cloud, function), sorted(billed())
    calls = [call for call in cloud.control("GET", "/calls") if call["principal"] == function]
    waiting = LATENCY_SECONDS * len(calls) / len(seconds)
    typical = seconds[: max(1, len(seconds) * 9 // 10)]
    return Units(
        {
            "invocation": 1,
            "gb-second": MEMORY_GB * (sum(typical) / len(typical) + waiting),
            "log-gb": sum(map(len, log)) / len(seconds) / 1e9,
        }
    )


def _metrics(cloud: Cloud, function: str) -> set[str]:
    """Returns the metrics that the function has written. A metric is charged for each hour in which it has a value."""
    lines = [json.loads(line) for line in logged(cloud, function) if line.startswith('{"_aws"')]
    definitions = [definition for line in lines for definition in line["_aws"]["CloudWatchMetrics"]]
    return {metric["Name"] for definition in definitions for metric in definition["Metrics"]}


def _dollars(units: Units) -> float:
    return sum(PRICES[name].each * amount for name, amount in units.items())


def _print(name: str, units: Units) -> None:
    table = TextTable(
        "", "amount", "unit", "$", title=f"{name}, us-east-1, {AS_OF}, no free tier", title_justify="left"
    )
    for key, amount in sorted(units.items(), key=lambda item: -PRICES[item[0]].each * item[1]):
        price = PRICES[key]
        table.add_row(key, f"{amount:,.6g}", price.unit, f"{price.each * amount:.7f}")
    Console(width=110).print(table)
