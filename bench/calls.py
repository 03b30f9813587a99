"""API calls: from a drop to UpdateEnvironment, of a tick, and of a wake-up that changes nothing."""

import io
import json
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.figure import Figure
from local.cloud import Cloud
from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.bundles import Bundles
from wardrop.aws.clean_ups import CleanUps
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.ledger.table import Table
from wardrop.aws.mailbox import Mailbox, WakeUp
from wardrop.aws.parameters import Parameters
from wardrop.configuration.load import Configurations, RememberedConfigurations
from wardrop.deployments.advance import AdvanceDeployment
from wardrop.drops.drop import Drop
from wardrop.drops.receive import ReceiveDrop
from wardrop.environments.model import Environment
from wardrop.environments.settings import read_settings
from wardrop.health.update_incidents import UpdateIncidents
from wardrop.health.watch import WatchEnvironments

ACTIVE, FINISHED, BATCH = 200, 10_000, 25
BUSY = "shop-prod"
LEDGER = "bench-ledger"
WAR_BYTES = 20_000
PATIENCE_SECONDS = 180
ROAD = ("ReceiveDrop", "AdvanceDeployment")


def figures() -> Iterator[Figure]:
    with Cloud(speed=60) as cloud:
        yield from _road(cloud)
        yield from _looks(Own(cloud))


def _road(cloud: Cloud) -> Iterator[Figure]:
    """As the deployed functions make them, out of the stand-in's record; a tick has read the settings before."""
    ledger = Ledger(Table(cloud.client("dynamodb"), cloud.outputs["LedgerTable"]))
    settings = Beanstalk(cloud.client("elasticbeanstalk")).settings("shop", "shop-staging")
    ledger.environments.keep_settings("shop-staging", read_settings(settings, "WebServer", datetime.now(UTC)))
    key = "shop/shop-staging/shop-20.war"
    cloud.client("s3").put_object(Bucket=cloud.outputs["DropBucket"], Key=key, Body=war(20))
    calls: list[str] = []
    for call in _until_updated(cloud):
        if call["principal"] in ROAD:
            calls.append(f"{call['service']}:{call['action']}")
            if call["action"] == "UpdateEnvironment":
                break
    listed = ", ".join(f"{name} {count}" for name, count in sorted(Counter(calls).items()))
    yield Figure("calls from drop to UpdateEnvironment, 20 KB WAR", len(calls), 18, "", note=listed)
    to_beanstalk = sum(name.startswith("elasticbeanstalk:") for name in calls)
    yield Figure("  of them to Beanstalk", to_beanstalk, 5, "")


def _until_updated(cloud: Cloud) -> list[dict[str, Any]]:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        calls: list[dict[str, Any]] = cloud.door("GET", "/calls")
        if any(call["action"] == "UpdateEnvironment" for call in calls):
            return calls
        time.sleep(0.05)
    raise TimeoutError("nothing was deployed")


class Own:
    """The functions' work in this process, on a ledger and a mailbox of its own, with its calls counted."""

    def __init__(self, cloud: Cloud) -> None:
        self.calls: Counter[str] = Counter()
        self.read = 0
        """Bytes of the ledger's items that came back."""

        self.s3, dynamodb, self.sqs = (self._counted(cloud.client(name)) for name in ("s3", "dynamodb", "sqs"))
        self.api = self._counted(cloud.client("elasticbeanstalk"))
        for bucket in ("bench-drops", "bench-releases"):
            self.s3.create_bucket(Bucket=bucket)
            self.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        dynamodb.meta.events.register("after-call.dynamodb", self._answered)
        create_ledger(dynamodb, LEDGER)
        url = self.sqs.create_queue(QueueName="bench.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
        self.dynamodb = dynamodb
        self.ledger, mailbox, beanstalk = Ledger(Table(dynamodb, LEDGER)), Mailbox(self.sqs, url), Beanstalk(self.api)
        bundles = Bundles(self.s3, "bench-releases")
        configurations = Configurations(
            Parameters(self._counted(cloud.client("ssm")), "/bench/applications"), self.ledger
        )
        clean_ups = CleanUps(lambda: cloud.client("lambda"), "unused", self.ledger.clean_ups)
        self.receive = ReceiveDrop(bundles, beanstalk, self.ledger, mailbox, configurations, clean_ups)
        update_incidents = UpdateIncidents(self.ledger, RememberedConfigurations(configurations), beanstalk)
        self.watch = WatchEnvironments(beanstalk, self.ledger, mailbox, update_incidents)
        self.advance = AdvanceDeployment(beanstalk, bundles, self.ledger, mailbox, configurations, timedelta(seconds=3))

    def _counted(self, client: Any) -> Any:
        client.meta.events.register("before-call", self._count)
        return client

    def _count(self, model: Any, **_: object) -> None:
        self.calls[model.name] += 1

    def clear(self) -> None:
        self.calls.clear()
        self.read = 0

    def _answered(self, parsed: Any, **_: object) -> None:
        self.read += len(json.dumps(parsed.get("Items", parsed.get("Item", [])), default=str))

    def drop(self, environment: str, number: int) -> None:
        body, key = war(number), f"shop/{environment}/shop-{number}.war"
        put = self.s3.put_object(Bucket="bench-drops", Key=key, Body=body)
        now = datetime.now(UTC)
        self.receive(
            Drop(
                bucket="bench-drops",
                key=key,
                version_id=put["VersionId"],
                etag=put["ETag"].strip('"'),
                size=len(body),
                event_time=now,
                sequencer=f"{number:x}",
            ),
            now,
        )


def _looks(own: Own) -> Iterator[Figure]:
    own.clear()
    own.watch.on_tick("0", datetime.now(UTC))
    yield Figure("calls of a tick with nothing to do", own.calls.total(), 3, "", note=_listed(own))
    names = [f"bench-{number:03}" for number in range(ACTIVE)]
    _create_environments(own.api, names)
    for number, name in enumerate(names):
        own.drop(name, number)
    for name in names:
        own.advance(name, [], datetime.now(UTC))
    own.clear()
    own.watch.on_tick("1", datetime.now(UTC))
    described = own.calls["DescribeEnvironments"]
    what = f"DescribeEnvironments of a tick with {ACTIVE} deployments"
    yield Figure(what, described, 1, "", note=_listed(own))
    yield from _with_history(own, names[0])
    own.drop(BUSY, ACTIVE)
    own.advance(BUSY, [], datetime.now(UTC))
    own.drop(BUSY, ACTIVE + 1)  # it waits behind the one that is being deployed
    environment = _updating(own.receive.beanstalk)
    for kind, seen in (("by a tick or an event", environment), ("by a drop", None)):
        own.clear()
        now = datetime.now(UTC)
        own.advance(BUSY, [WakeUp(environment=BUSY, cause=kind, seen=seen, seen_at=now)], now)
        yield Figure(f"calls of a wake-up that changes nothing, {kind}", own.calls.total(), 3, "", note=_listed(own))


def _with_history(own: Own, name: str) -> Iterator[Figure]:
    """A tick and the look that it leads to, without and with ten thousand finished deployments beside."""
    costs = [_tick_and_look(own, name)]
    _finish(own, name, FINISHED)
    costs.append(_tick_and_look(own, name))
    (calls, read), (calls_then, read_then) = costs
    what = f"a tick with {ACTIVE} deployments: more by {FINISHED:,} finished ones"
    note = f"{calls} calls and {read:,} bytes read from the ledger before, {calls_then} and {read_then:,} after"
    yield Figure(what, 100 * max(calls_then / calls, read_then / read) - 100, 10, "%", note=note)


def _tick_and_look(own: Own, name: str) -> tuple[int, int]:
    now = datetime.now(UTC)
    own.clear()
    own.watch.on_tick(now.isoformat(), now)
    own.advance(name, [], now)
    return own.calls.total(), own.read


def _finish(own: Own, name: str, count: int) -> None:
    """As many finished deployments in an environment as are asked for, each like the one that is active there."""
    [active] = own.ledger.environments.read(name).deployments
    key = {"pk": {"S": f"environment/{name}"}, "sk": {"S": f"now/deployment/{active.id}"}}
    item = own.dynamodb.get_item(TableName=LEDGER, Key=key)["Item"]
    del item["active"]
    for start in range(0, count, BATCH):
        numbered = [item | {"sk": {"S": f"past/deployment/{number:05}"}} for number in range(start, start + BATCH)]
        requests = [{"PutRequest": {"Item": one}} for one in numbered]
        own.dynamodb.batch_write_item(RequestItems={LEDGER: requests})


def _updating(beanstalk: Beanstalk) -> Environment:
    """DescribeEnvironments shows an update a moment after it began."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        environment = beanstalk.environments([BUSY])[BUSY]
        if not environment.is_ready:
            return environment
        time.sleep(0.02)
    raise TimeoutError(f"{BUSY} is not being updated")


def _listed(own: Own) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(own.calls.items()))


def _create_environments(api: Any, names: list[str]) -> None:
    platform = api.describe_environments(EnvironmentNames=["shop-staging"])["Environments"][0]["SolutionStackName"]
    for name in names:
        api.create_environment(ApplicationName="shop", EnvironmentName=name, SolutionStackName=platform)
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        found = api.describe_environments(EnvironmentNames=names)["Environments"]
        if all(one["Status"] == "Ready" for one in found):
            return
        time.sleep(0.2)
    raise TimeoutError("the environments did not come up")


def create_ledger(dynamodb: Any, name: str) -> None:
    """The ledger's table, as template.yaml has it."""
    string = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "active")]
    keys = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    index = {
        "IndexName": "active",
        "KeySchema": [{"AttributeName": "active", "KeyType": "HASH"}, keys[1]],
        "Projection": {"ProjectionType": "ALL"},
    }
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=string,
        KeySchema=keys,
        GlobalSecondaryIndexes=[index],
    )


def war(number: int) -> bytes:
    """A WAR of 20 KB that answers, unlike every other one."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("WEB-INF/web.xml", "<web-app/>")
        archive.writestr("index.html", f"<h1>{number}</h1>".ljust(WAR_BYTES - 300))
    return written.getvalue()
