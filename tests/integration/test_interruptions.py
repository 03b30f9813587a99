"""A function that dies between two calls, and a world that changes between them.

The functions' work is done in this process, on a ledger and a mailbox that the running functions do not know,
and against the same Beanstalk and S3; a hook at a call stands for what happens there.
"""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from local.beanstalk.seed import sound_war
from local.cloud import Cloud
from local.settings import REGION
from tests.integration.shop import APPLICATION, STAGING, UNBAKED, Shop, archive
from wardrop.aws.beanstalk import Beanstalk
from wardrop.aws.bundles import Bundles
from wardrop.aws.clean_ups import CleanUps
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.ledger.marks import Marks
from wardrop.aws.ledger.table import Table
from wardrop.aws.mailbox import Mailbox
from wardrop.aws.parameters import Parameters
from wardrop.configuration.load import Configurations
from wardrop.deployments.advance import AdvanceDeployment
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.state import State
from wardrop.drops.drop import Drop
from wardrop.drops.receipt import Receipt
from wardrop.drops.receive import ReceiveDrop

SETTLE = timedelta(seconds=3)
PATIENCE_SECONDS = 30


class Crash(Exception):
    """The invocation ends here."""


class Road:
    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.calls: list[str] = []
        self._hooks: dict[tuple[str, str], Callable[[], None]] = {}
        self._crash_after: int | None = None
        session = boto3.session.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)

        def client(service: str) -> Any:
            made = session.client(service, endpoint_url=cloud.endpoint)
            made.meta.events.register("before-call", lambda model, **_: self._happen("before", model.name))
            made.meta.events.register("after-call", lambda model, **_: self._called(model.name))
            return made

        s3, dynamodb, sqs, api = map(client, ("s3", "dynamodb", "sqs", "elasticbeanstalk"))
        name = uuid.uuid4().hex[:8]
        self.versioned, self.unversioned = f"versioned-{name}", f"unversioned-{name}"
        self.s3 = cloud.client("s3")
        self.s3.create_bucket(Bucket=self.versioned)
        self.s3.create_bucket(Bucket=self.unversioned)
        self.s3.put_bucket_versioning(Bucket=self.versioned, VersioningConfiguration={"Status": "Enabled"})
        self.mailbox = cloud.client("sqs").create_queue(
            QueueName=f"{name}.fifo", Attributes={"FifoQueue": "true", "DeduplicationScope": "messageGroup"}
        )["QueueUrl"]
        table = _table(cloud, f"ledger-{name}")
        self.ledger, self.marks = Ledger(Table(dynamodb, table)), Marks(Table(dynamodb, table))
        beanstalk, bundles = Beanstalk(api), Bundles(s3, cloud.outputs["ReleaseBucket"])
        mailbox = Mailbox(sqs, self.mailbox)
        name = f"/own/applications/{APPLICATION}"
        cloud.client("ssm").put_parameter(Name=name, Value=UNBAKED, Type="String", Overwrite=True)
        configurations = Configurations(Parameters(client("ssm"), "/own/applications"), self.ledger)
        clean_ups = CleanUps(lambda: client("lambda"), cloud.resources["CleanVersions"]["ref"], self.ledger.clean_ups)
        self._receive = ReceiveDrop(bundles, beanstalk, self.ledger, mailbox, configurations, clean_ups)
        self._advance = AdvanceDeployment(beanstalk, bundles, self.ledger, mailbox, configurations, SETTLE)

    # What happens at a call

    def once(self, when: str, operation: str, happens: Callable[[], None]) -> None:
        self._hooks[when, operation] = happens

    def crash(self, when: str, operation: str) -> None:
        self.once(when, operation, _crash)

    def crash_after(self, calls: int | None) -> None:
        self.calls.clear()
        self._crash_after = calls

    def _happen(self, when: str, operation: str) -> None:
        if happens := self._hooks.pop((when, operation), None):
            happens()

    def _called(self, operation: str) -> None:
        self.calls.append(operation)
        if len(self.calls) == self._crash_after:
            raise Crash
        self._happen("after", operation)

    # What is done

    def upload(self, key: str, body: bytes, bucket: str | None = None) -> Drop:
        put = self.s3.put_object(Bucket=bucket or self.versioned, Key=key, Body=body)
        return Drop(
            bucket=bucket or self.versioned,
            key=key,
            version_id=put.get("VersionId"),
            etag=put["ETag"].strip('"'),
            size=len(body),
            event_time=datetime.now(UTC),
            sequencer=uuid.uuid4().hex[:18],
        )

    def receive(self, drop: Drop) -> Receipt:
        return self._receive(drop, datetime.now(UTC))

    def look(self, later: timedelta = timedelta(0)) -> str:
        """One look at staging; why it took the step that it took."""
        return self._advance(STAGING, [], datetime.now(UTC) + later).reason

    def deployment(self) -> Deployment:
        [deployment] = [*self.ledger.now(STAGING).deployments, *self.ledger.history(STAGING)]
        return deployment

    def ended(self, later: timedelta = timedelta(0)) -> Deployment:
        """The one deployment, looked after until it is over."""

        def over() -> bool:
            self.look(later)
            return not self.ledger.now(STAGING).deployments

        self.cloud.eventually(over, PATIENCE_SECONDS)
        return self.deployment()


def _crash() -> None:
    raise Crash


def _table(cloud: Cloud, name: str) -> str:
    keys = {"pk": "HASH", "sk": "RANGE"}
    cloud.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys.items()],
    )
    return name


@pytest.fixture
def road(shop: Shop) -> Iterator[Road]:
    yield Road(shop.cloud)
    shop.await_ready()


# A drop


def test_a_drop_whose_reception_dies_after_any_call_is_received_by_the_next_delivery(shop: Shop, road: Road) -> None:
    died_after = []
    for number in range(1, 100):
        label = f"dying-{number}"
        drop = road.upload(f"shop/shop-staging/{label}.war", sound_war(label))
        road.crash_after(number)
        try:
            road.receive(drop)
            break
        except Crash:
            died_after.append(road.calls[-1])
        road.crash_after(None)
        receipt = road.receive(drop)
        assert (receipt.status, receipt.label) == ("accepted", label)
        assert [one.id for one in road.ledger.now(STAGING).deployments if one.drop == drop.id] == receipt.deployments
        assert len(receipt.deployments) == 1
        tags = road.s3.get_object_tagging(Bucket=drop.bucket, Key=drop.key, VersionId=drop.version_id)["TagSet"]
        assert {"Key": "wardrop-status", "Value": "accepted"} in tags
    assert {"CopyObject", "CreateApplicationVersion", "TransactWriteItems", "SendMessageBatch"} <= set(died_after)
    # one version for each, and the last one, which did not die
    assert set(shop.versions("dying-")) == {f"dying-{n + 1}" for n in range(len(died_after) + 1)}


@pytest.mark.parametrize(
    ("when", "operation"),
    [("before", "GetObject"), ("after", "GetObject"), ("before", "CopyObject")],
    ids=["before-it-is-opened", "while-it-is-inspected", "before-it-is-copied"],
)
def test_in_a_bucket_without_versions_a_drop_that_is_overwritten_is_rejected_and_the_newer_counts(
    road: Road, when: str, operation: str
) -> None:
    key, newer = "shop/over-written-1.war", sound_war(f"newer {when} {operation}")
    # larger than what one request reads, with its manifest at the beginning
    files: dict[str, str | bytes] = {"META-INF/MANIFEST.MF": "Implementation-Version: 1\n", "WEB-INF/web.xml": "x"}
    older = archive({**files, "index.html": "older", "large": bytes(300_000)})
    drop = road.upload(key, older, road.unversioned)
    uploaded: list[Drop] = []
    road.once(when, operation, lambda: uploaded.append(road.upload(key, newer, road.unversioned)))
    receipt = road.receive(drop)
    assert receipt.status == "rejected"
    assert receipt.reason == f"{key} was overwritten while it was read; the newer upload counts"
    assert road.receive(uploaded[0]).status == "accepted"


# A deployment


@pytest.fixture
def queued(shop: Shop, road: Road, request: pytest.FixtureRequest) -> str:
    """A version that waits to be deployed to staging, named after the test."""
    label = f"{request.node.name.split('[')[0].removeprefix('test_')[:80]}-1"
    road.receive(road.upload(f"shop/shop-staging/{label}.war", sound_war(label)))
    shop.await_ready()
    return label


def test_an_update_whose_answer_is_lost_is_found_again_and_not_called_twice(
    shop: Shop, road: Road, queued: str
) -> None:
    road.crash("after", "UpdateEnvironment")
    with pytest.raises(Crash):
        road.look()
    assert (road.deployment().state, road.deployment().update.request_id) == (State.DEPLOYING, None)
    ended = road.ended()
    assert ended.state is State.SUCCEEDED
    assert any("is ours: its answer was lost" in moment.reason for moment in ended.history)
    assert road.calls.count("UpdateEnvironment") == 1
    assert shop.instances(STAGING) == [queued, queued]


def test_an_update_that_was_claimed_and_never_called_is_called_after_two_minutes(
    shop: Shop, road: Road, queued: str
) -> None:
    road.crash("before", "UpdateEnvironment")
    with pytest.raises(Crash):
        road.look()
    assert road.look() == "UpdateEnvironment gave no answer; looking for what it began"
    three_minutes = timedelta(minutes=3)
    assert road.look(three_minutes) == "UpdateEnvironment gave no answer and began nothing; calling it again"
    assert road.ended(three_minutes).state is State.SUCCEEDED
    assert road.calls.count("UpdateEnvironment") == 1
    assert shop.instances(STAGING) == [queued, queued]


def test_somebody_elses_update_is_not_taken_for_the_one_whose_answer_is_lost(
    shop: Shop, road: Road, queued: str
) -> None:
    road.crash("before", "UpdateEnvironment")
    with pytest.raises(Crash):
        road.look()
    shop.make_version("quicker-1", sound_war("quicker"))
    shop.beanstalk.update_environment(EnvironmentName=STAGING, VersionLabel="quicker-1")
    ended = road.ended()
    assert ended.state is State.SUCCEEDED
    assert f"somebody else's update of {STAGING} came first" in [moment.reason for moment in ended.history]
    assert road.calls.count("UpdateEnvironment") == 1
    assert shop.instances(STAGING) == [queued, queued]


def test_a_version_that_somebody_replaces_before_it_is_proven_ends_as_superseded(
    shop: Shop, road: Road, queued: str
) -> None:
    road.look()
    assert road.deployment().label == queued
    shop.make_version("overtaking-1", sound_war("overtaking"))
    shop.cloud.eventually(lambda: shop.environment(STAGING)["VersionLabel"] == queued, PATIENCE_SECONDS)
    shop.beanstalk.update_environment(EnvironmentName=STAGING, VersionLabel="overtaking-1")
    shop.cloud.eventually(lambda: shop.environment(STAGING)["Status"] == "Updating", PATIENCE_SECONDS)
    ended = road.ended()
    assert ended.state is State.SUPERSEDED
    assert ended.reason.startswith(f"somebody else deployed before {queued} was proven")


def test_a_bundle_that_is_gone_is_not_deployed(shop: Shop, road: Road, queued: str) -> None:
    release = road.deployment().release
    shop.s3.delete_object(Bucket=release.bucket, Key=release.key)
    ended = road.ended()
    assert ended.state is State.FAILED
    assert ended.reason == f"{queued} cannot be deployed: its bundle {release.place} is gone"
    assert "UpdateEnvironment" not in road.calls


def test_a_version_that_somebody_deletes_before_it_is_deployed_is_told(shop: Shop, road: Road, queued: str) -> None:
    shop.beanstalk.delete_application_version(ApplicationName=APPLICATION, VersionLabel=queued)
    ended = road.ended()
    assert ended.state is State.FAILED
    assert ended.reason == f"Beanstalk refused: No Application Version named '{queued}' found."


def test_a_ledger_that_changed_between_look_and_claim_starts_nothing(shop: Shop, road: Road, queued: str) -> None:
    road.once("before", "HeadObject", lambda: _revise(shop, road))
    with pytest.raises(Exception, match="the ledger has changed meanwhile"):
        road.look()
    assert "UpdateEnvironment" not in road.calls
    assert road.ended().label == queued


def _revise(shop: Shop, road: Road) -> None:
    """As another look would."""
    deployment = road.deployment()
    shop.cloud.client("dynamodb").update_item(
        TableName=road.ledger._table,
        Key={"pk": {"S": f"environment/{STAGING}"}, "sk": {"S": f"now/deployment/{deployment.id}"}},
        UpdateExpression="SET revision = revision + :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )
