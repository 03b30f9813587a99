"""Counts API calls: from a drop to UpdateEnvironment, in a scheduled run, and for a message that changes nothing."""

import io
import json
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.figure import Figure
from local.cloud import Cloud
from wardrop import structs
from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.bundles import Bundles
from wardrop.aws.check_functions import CheckFunctions
from wardrop.aws.clean_ups import CleanUps
from wardrop.aws.cloudwatch import Alarms
from wardrop.aws.deployment_logs import DeploymentLogs
from wardrop.aws.guard_requests import GuardRequests
from wardrop.aws.instance_logs import InstanceLogs
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.ledger.table import Table
from wardrop.aws.mailbox import Mailbox, WakeUp
from wardrop.aws.parameters import Parameters
from wardrop.configuration.check import NO_FUNCTIONS
from wardrop.configuration.load import Configurations, RememberedConfigurations
from wardrop.deployments.advance import AdvanceDeployment
from wardrop.drops.delivery import Delivery
from wardrop.drops.drop import Drop
from wardrop.drops.receive import ReceiveDrop
from wardrop.environments.model import Environment
from wardrop.environments.settings import read_settings
from wardrop.evidence.gather import GatherEvidence
from wardrop.evidence.http_requests import HttpRequests
from wardrop.evidence.run_checks import Checks
from wardrop.health.failed_updates import FailedUpdates
from wardrop.health.update_incidents import UpdateIncidents
from wardrop.health.watch import WatchEnvironments

ACTIVE, IDLE, FINISHED, BATCH_SIZE = 200, 1000, 10_000, 25

UPDATING_ENVIRONMENT = "shop-prod"
LEDGER, LOGS = "bench-ledger", "elasticbeanstalk-us-east-1-123456789012"
WAR_BYTES = 20_000
PATIENCE_SECONDS = 180
DEPLOYING_FUNCTIONS = ("ReceiveDrop", "AdvanceDeployment")


def figures() -> Iterator[Figure]:
    with Cloud(speed=60) as cloud:
        yield from _from_drop_to_update(cloud)
        yield from _ticks_and_wake_ups(Functions(cloud))


def _from_drop_to_update(cloud: Cloud) -> Iterator[Figure]:
    """Reads the settings into the ledger first, and then counts the recorded calls of the deployed functions."""
    ledger = Ledger(Table(cloud.client("dynamodb"), cloud.outputs["LedgerTable"]))
    beanstalk = Beanstalk(cloud.client("elasticbeanstalk"))
    environment, settings = beanstalk.all_environments()["shop-staging"], beanstalk.settings("shop", "shop-staging")
    ledger.environments.keep_settings("shop-staging", read_settings(settings, environment, datetime.now(UTC)))
    key = "shop/shop-staging/shop-20.war"
    cloud.client("s3").put_object(Bucket=cloud.outputs["DropBucket"], Key=key, Body=war(20))
    calls: list[str] = []
    for call in _calls_until_update(cloud):
        if call["principal"] in DEPLOYING_FUNCTIONS:
            calls.append(f"{call['service']}:{call['action']}")
            if call["action"] == "UpdateEnvironment":
                break
    note = _list(Counter(calls))
    yield Figure("calls from a drop to UpdateEnvironment, 20 KB WAR", len(calls), 20, "", note=note)
    to_beanstalk = sum(name.startswith("elasticbeanstalk:") for name in calls)
    yield Figure("  to Beanstalk", to_beanstalk, 6, "")


def _calls_until_update(cloud: Cloud) -> list[dict[str, Any]]:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        calls: list[dict[str, Any]] = cloud.control("GET", "/calls")
        if any(call["action"] == "UpdateEnvironment" for call in calls):
            return calls
        time.sleep(0.05)
    raise TimeoutError("the drop was not deployed")


class Functions:
    """Runs the code of three functions in this process, with a separate ledger and mailbox, and counts their calls."""

    def __init__(self, cloud: Cloud) -> None:
        self.calls: Counter[str] = Counter()
        self.bytes_read = 0
        """The size of the items that were read from the ledger."""

        self.s3, dynamodb, self.sqs = (self._counted(cloud.client(name)) for name in ("s3", "dynamodb", "sqs"))
        self.api = self._counted(cloud.client("elasticbeanstalk"))
        for bucket in ("bench-drops", "bench-releases"):
            self.s3.create_bucket(Bucket=bucket)
            self.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        dynamodb.meta.events.register("after-call.dynamodb", self._count_bytes)
        create_ledger(dynamodb, LEDGER)
        url = self.sqs.create_queue(QueueName="bench.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
        self.dynamodb = dynamodb
        self.ledger, mailbox, beanstalk = Ledger(Table(dynamodb, LEDGER)), Mailbox(self.sqs, url), Beanstalk(self.api)
        bundles = Bundles(self.s3, "bench-releases")
        cloudwatch = self._counted(cloud.client("cloudwatch"))
        alarms = Alarms(lambda: cloudwatch)
        configurations = Configurations(
            Parameters(self._counted(cloud.client("ssm")), "/bench/applications"), self.ledger, alarms
        )
        clean_ups = CleanUps(lambda: cloud.client("lambda"), "unused", self.ledger.clean_ups)
        self.receive = ReceiveDrop(
            bundles, beanstalk, self.ledger, mailbox, configurations, clean_ups, time.process_time
        )
        evidence = GatherEvidence(DeploymentLogs(self.s3, LOGS))
        remembered = RememberedConfigurations(configurations)
        failed_updates = FailedUpdates(beanstalk, evidence, remembered)
        update_incidents = UpdateIncidents(self.ledger, remembered, beanstalk, failed_updates)
        requests = self.sqs.create_queue(QueueName="bench-guard")["QueueUrl"]
        guard_requests = GuardRequests(self.sqs, requests)
        self.watch = WatchEnvironments(
            beanstalk, self.ledger, mailbox, guard_requests, update_incidents, failed_updates, frozenset()
        )
        self.advance = AdvanceDeployment(
            beanstalk,
            bundles,
            self.ledger,
            mailbox,
            configurations,
            evidence,
            InstanceLogs(self.api, self.s3, LOGS),
            alarms,
            Checks(HttpRequests(), lambda: CheckFunctions(cloud.client("lambda")), NO_FUNCTIONS),
            timedelta(seconds=3),
        )

    def _counted(self, client: Any) -> Any:
        client.meta.events.register("before-call", self._count)
        return client

    def _count(self, model: Any, **_: object) -> None:
        self.calls[model.name] += 1

    def reset_counts(self) -> None:
        self.calls.clear()
        self.bytes_read = 0

    def _count_bytes(self, parsed: Any, **_: object) -> None:
        self.bytes_read += len(json.dumps(parsed.get("Items", parsed.get("Item", [])), default=str))

    def drop(self, environment: str, number: int) -> None:
        body, key = war(number), f"shop/{environment}/shop-{number}.war"
        put = self.s3.put_object(Bucket="bench-drops", Key=key, Body=body)
        now = datetime.now(UTC)
        drop = Drop(
            bucket="bench-drops",
            key=key,
            version_id=put["VersionId"],
            etag=put["ETag"].strip('"'),
            size=len(body),
            event_time=now,
            sequencer=f"{number:x}",
        )
        self.receive(Delivery(drop, now, now, is_first=False))


class ManyEnvironments(Beanstalk):
    """Lists one environment under many names, because the stand-in would be too slow with so many environments."""

    def all_environments(self) -> dict[str, Environment]:
        shown = list(super().all_environments().values())
        names = [f"idle-{number:04}" for number in range(IDLE)]
        return {name: structs.replace(shown[0], name=name, id=f"e-{name}") for name in names}


def idle_tick(functions: Functions) -> Iterator[Figure]:
    """Measures a scheduled run in which no environment has a deployment, and no settings have to be read."""
    beanstalk, now = ManyEnvironments(functions.api), datetime.now(UTC)
    watch = replace(functions.watch, beanstalk=beanstalk)
    environments = beanstalk.all_environments()
    for name, environment in environments.items():
        functions.ledger.environments.keep_settings(name, read_settings({}, environment, now))
    functions.reset_counts()
    watch.on_tick("0", now)
    name = f"calls of a scheduled run with nothing to do, over {IDLE:,} environments"
    yield Figure(name, functions.calls.total(), 3, "", note=_list(functions.calls))
    yield Figure("  to Beanstalk", functions.calls["DescribeEnvironments"], 3, "")
    for name in environments:
        functions.ledger.environments.forget_settings(name)


def _ticks_and_wake_ups(functions: Functions) -> Iterator[Figure]:
    environments = [f"bench-{number:03}" for number in range(ACTIVE)]
    yield from idle_tick(functions)
    _create_environments(functions.api, environments)
    for number, environment in enumerate(environments):
        functions.drop(environment, number)
    for environment in environments:
        functions.advance(environment, [], datetime.now(UTC))
    functions.reset_counts()
    functions.watch.on_tick("1", datetime.now(UTC))
    name = f"DescribeEnvironments calls of a scheduled run with {ACTIVE} deployments"
    yield Figure(name, functions.calls["DescribeEnvironments"], 1, "", note=_list(functions.calls))
    yield _cost_of_history(functions, environments[0])
    yield from _idle_wake_ups(functions)


def _cost_of_history(functions: Functions, environment: str) -> Figure:
    """Compares the calls of a scheduled run before and after ten thousand finished deployments are added."""
    calls, bytes_read = _tick_and_advance(functions, environment)
    _add_finished_deployments(functions, environment, FINISHED)
    calls_after, bytes_after = _tick_and_advance(functions, environment)
    name = f"a scheduled run with {ACTIVE} deployments: increase caused by {FINISHED:,} finished ones"
    note = (
        f"{calls} calls and {bytes_read:,} bytes read from the ledger before, {calls_after} and {bytes_after:,} after"
    )
    return Figure(name, 100 * max(calls_after / calls, bytes_after / bytes_read) - 100, 10, "%", note=note)


def _tick_and_advance(functions: Functions, environment: str) -> tuple[int, int]:
    """Runs a scheduled run and an evaluation. Returns the number of calls, and the bytes read from the ledger."""
    now = datetime.now(UTC)
    functions.reset_counts()
    functions.watch.on_tick(now.isoformat(), now)
    functions.advance(environment, [], now)
    return functions.calls.total(), functions.bytes_read


def _add_finished_deployments(functions: Functions, environment: str, count: int) -> None:
    """Writes copies of the environment's active deployment to the ledger as finished deployments."""
    [active] = functions.ledger.environments.read(environment).deployments
    key = {"pk": {"S": f"environment/{environment}"}, "sk": {"S": f"now/deployment/{active.id}"}}
    item = functions.dynamodb.get_item(TableName=LEDGER, Key=key)["Item"]
    del item["active"]
    for start in range(0, count, BATCH_SIZE):
        numbers = range(start, start + BATCH_SIZE)
        copies = [item | {"sk": {"S": f"past/deployment/{number:05}"}} for number in numbers]
        requests = [{"PutRequest": {"Item": copy}} for copy in copies]
        functions.dynamodb.batch_write_item(RequestItems={LEDGER: requests})


def _idle_wake_ups(functions: Functions) -> Iterator[Figure]:
    functions.drop(UPDATING_ENVIRONMENT, ACTIVE)
    functions.advance(UPDATING_ENVIRONMENT, [], datetime.now(UTC))
    functions.drop(UPDATING_ENVIRONMENT, ACTIVE + 1)  # this drop waits for the first drop
    environment = _wait_for_update(functions.receive.beanstalk)
    for cause, snapshot in (("requested by a scheduled run or an event", environment), ("by a drop", None)):
        functions.reset_counts()
        now = datetime.now(UTC)
        wake_up = WakeUp(environment=UPDATING_ENVIRONMENT, cause=cause, snapshot=snapshot, snapshot_at=now)
        functions.advance(UPDATING_ENVIRONMENT, [wake_up], now)
        name = f"calls of an evaluation that changes nothing, {cause}"
        yield Figure(name, functions.calls.total(), 3, "", note=_list(functions.calls))


def _wait_for_update(beanstalk: Beanstalk) -> Environment:
    """Waits until DescribeEnvironments shows the update, and returns the environment."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        environment = beanstalk.environments([UPDATING_ENVIRONMENT])[UPDATING_ENVIRONMENT]
        if not environment.is_ready:
            return environment
        time.sleep(0.02)
    raise TimeoutError(f"{UPDATING_ENVIRONMENT} is not being updated")


def _list(calls: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(calls.items()))


def _create_environments(api: Any, names: list[str]) -> None:
    platform = api.describe_environments(EnvironmentNames=["shop-staging"])["Environments"][0]["SolutionStackName"]
    for name in names:
        api.create_environment(ApplicationName="shop", EnvironmentName=name, SolutionStackName=platform)
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        environments = api.describe_environments(EnvironmentNames=names)["Environments"]
        if all(environment["Status"] == "Ready" for environment in environments):
            return
        time.sleep(0.2)
    raise TimeoutError("the environments were not Ready in time")


def create_ledger(dynamodb: Any, name: str) -> None:
    """Creates the ledger's table as template.yaml defines it."""
    attributes = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "active")]
    keys = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    index = {
        "IndexName": "active",
        "KeySchema": [{"AttributeName": "active", "KeyType": "HASH"}, keys[1]],
        "Projection": {"ProjectionType": "ALL"},
    }
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=attributes,
        KeySchema=keys,
        GlobalSecondaryIndexes=[index],
    )


def war(number: int) -> bytes:
    """Makes a WAR of 20 KB. Each number results in a different page, so no two WARs have the same bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("WEB-INF/web.xml", "<web-app/>")
        archive.writestr("index.html", f"<h1>{number}</h1>".ljust(WAR_BYTES - 300))
    return content.getvalue()
