"""Functions that crash between two calls, and objects that change between two calls.

The code of the functions runs in the process of the tests. It has its own ledger and mailbox, and uses the Beanstalk
and the S3 of the stand-in. A hook before or after a call causes the crash or the change.
"""

import time
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
from wardrop.aws.check_functions import CheckFunctions
from wardrop.aws.clean_ups import CleanUps
from wardrop.aws.cloudwatch import Alarms
from wardrop.aws.deployment_logs import DeploymentLogs
from wardrop.aws.instance_logs import InstanceLogs
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.ledger.marks import Marks
from wardrop.aws.ledger.table import Table
from wardrop.aws.mailbox import Mailbox
from wardrop.aws.parameters import Parameters
from wardrop.configuration.check import NO_FUNCTIONS
from wardrop.configuration.load import Configurations
from wardrop.deployments.advance import AdvanceDeployment
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.state import State
from wardrop.drops.delivery import Delivery
from wardrop.drops.drop import Drop
from wardrop.drops.receipt import Receipt
from wardrop.drops.receive import ReceiveDrop
from wardrop.evidence.gather import GatherEvidence
from wardrop.evidence.http_requests import HttpRequests
from wardrop.evidence.run_checks import Checks

SETTLE = timedelta(seconds=3)
PATIENCE_SECONDS = 120.0


class Crash(Exception):
    """The invocation ends here."""


class Functions:
    """The code of `receive_drop` and `advance_deployment`. Its calls can be interrupted."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.calls: list[str] = []
        self._hooks: dict[tuple[str, str], Callable[[], None]] = {}
        self._crash_after: int | None = None
        session = boto3.session.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)

        def client(service: str) -> Any:
            client = session.client(service, endpoint_url=cloud.endpoint)
            client.meta.events.register("before-call", lambda model, **_: self._interrupt("before", model.name))
            client.meta.events.register("after-call", lambda model, **_: self._called(model.name))
            return client

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
        alarms = Alarms(lambda: client("cloudwatch"))
        configurations = Configurations(Parameters(client("ssm"), "/own/applications"), self.ledger, alarms)
        clean_ups = CleanUps(lambda: client("lambda"), cloud.resources["CleanVersions"]["ref"], self.ledger.clean_ups)
        clock = time.process_time
        self._receive = ReceiveDrop(bundles, beanstalk, self.ledger, mailbox, configurations, clean_ups, clock)
        evidence = GatherEvidence(DeploymentLogs(s3, "elasticbeanstalk-us-east-1-123456789012"))
        self._advance = AdvanceDeployment(
            beanstalk=beanstalk,
            bundles=bundles,
            ledger=self.ledger,
            mailbox=mailbox,
            configurations=configurations,
            evidence=evidence,
            instance_logs=InstanceLogs(client("elasticbeanstalk"), s3, "elasticbeanstalk-us-east-1-123456789012"),
            alarms=alarms,
            checks=Checks(HttpRequests(), lambda: CheckFunctions(client("lambda")), NO_FUNCTIONS),
            settle=SETTLE,
        )

    # Interruptions

    def once(self, when: str, operation: str, action: Callable[[], None]) -> None:
        self._hooks[when, operation] = action

    def crash_after(self, calls: int | None) -> None:
        self.calls.clear()
        self._crash_after = calls

    def _interrupt(self, when: str, operation: str) -> None:
        if action := self._hooks.pop((when, operation), None):
            action()

    def _called(self, operation: str) -> None:
        self.calls.append(operation)
        if len(self.calls) == self._crash_after:
            raise Crash
        self._interrupt("after", operation)

    # Actions

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
        now = datetime.now(UTC)
        return self._receive(Delivery(drop, now, now, is_first=False))

    def look(self) -> None:
        """Advances the deployment in staging once."""
        self._advance(STAGING, [], datetime.now(UTC))

    def deployment(self) -> Deployment:
        [deployment] = [*self.ledger.environments.read(STAGING).deployments, *self.ledger.environments.history(STAGING)]
        return deployment

    def await_end(self) -> Deployment:
        """Advances the only deployment until it ends, and returns it."""

        def has_ended() -> bool:
            self.look()
            return not self.ledger.environments.read(STAGING).deployments

        self.cloud.eventually(has_ended, PATIENCE_SECONDS)
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
def functions(shop: Shop) -> Iterator[Functions]:
    yield Functions(shop.cloud)
    shop.await_ready()


# A drop


def test_a_drop_is_received_by_the_next_delivery_if_the_function_crashes_after_any_call(
    shop: Shop, functions: Functions
) -> None:
    crashed_after = []
    for number in range(1, 100):
        label = f"crashing-{number}"
        drop = functions.upload(f"shop/shop-staging/{label}.war", sound_war(label))
        functions.crash_after(number)
        try:
            functions.receive(drop)
            break
        except Crash:
            crashed_after.append(functions.calls[-1])
        functions.crash_after(None)
        receipt = functions.receive(drop)
        assert (receipt.status, receipt.label) == ("accepted", label)
        queued = [each.id for each in functions.ledger.environments.read(STAGING).deployments if each.drop == drop.id]
        assert queued == receipt.deployments
        assert len(receipt.deployments) == 1
        tags = functions.s3.get_object_tagging(Bucket=drop.bucket, Key=drop.key, VersionId=drop.version_id)["TagSet"]
        assert {"Key": "wardrop-status", "Value": "accepted"} in tags
    assert {"CopyObject", "CreateApplicationVersion", "TransactWriteItems", "SendMessageBatch"} <= set(crashed_after)
    # one version for each crash, and one for the last drop, which was received without a crash
    assert set(shop.versions("crashing-")) == {f"crashing-{n + 1}" for n in range(len(crashed_after) + 1)}


@pytest.mark.parametrize(
    ("when", "operation"),
    [("after", "GetObject"), ("before", "CopyObject")],
    ids=["while-it-is-inspected", "before-it-is-copied"],
)
def test_in_a_bucket_without_versions_an_overwritten_drop_is_rejected_and_the_newer_drop_is_accepted(
    functions: Functions, when: str, operation: str
) -> None:
    key, newer = "shop/over-written-1.war", sound_war(f"newer {when} {operation}")
    # The bundle is larger than the range of one request, and its manifest is at the beginning.
    files: dict[str, str | bytes] = {"META-INF/MANIFEST.MF": "Implementation-Version: 1\n", "WEB-INF/web.xml": "x"}
    older = archive({**files, "index.html": "older", "large": bytes(300_000)})
    drop = functions.upload(key, older, functions.unversioned)
    uploaded: list[Drop] = []
    functions.once(when, operation, lambda: uploaded.append(functions.upload(key, newer, functions.unversioned)))
    receipt = functions.receive(drop)
    assert receipt.status == "rejected"
    assert receipt.reason == f"{key} was overwritten while Wardrop read it; Wardrop processes the newer upload instead"
    assert functions.receive(uploaded[0]).status == "accepted"


# A deployment


def test_an_update_whose_answer_is_lost_is_recognized_and_not_repeated(shop: Shop, functions: Functions) -> None:
    label = "answer-lost-1"
    functions.receive(functions.upload(f"shop/shop-staging/{label}.war", sound_war(label)))
    shop.await_ready()
    functions.once("after", "UpdateEnvironment", _crash)
    with pytest.raises(Crash):
        functions.look()
    deployment = functions.deployment()
    assert deployment.update is not None
    assert (deployment.state, deployment.update.request_id) == (State.DEPLOYING, None)
    ended = functions.await_end()
    assert ended.state is State.SUCCEEDED
    assert any("no response to Wardrop's call is recorded" in moment.reason for moment in ended.history)
    assert functions.calls.count("UpdateEnvironment") == 1
    assert shop.instances(STAGING) == [label, label]
