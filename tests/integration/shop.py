"""The application `shop` on the stand-in cloud, as people and other programs see it."""

import io
import itertools
import json
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.beanstalk.seed import sound_war
from local.cloud import Cloud
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.ledger.table import Table
from wardrop.deployments.change import Change
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.state import State
from wardrop.drops.receipt import Receipt

APPLICATION, STAGING, PROD = "shop", "shop-staging", "shop-prod"
QUEUES = ("Drops", "BeanstalkEvents", "Mailbox")
DEAD_LETTERS = ("DropsDead", "BeanstalkEventsDead", "MailboxDead", "SlackPostsDead", "TicksDead", "CleanUpsDead")
COMMAND = "aws:elasticbeanstalk:command"
PATIENT, USUAL = "3600", "600"
"""Seconds that a batch has to get well; an hour is nine seconds at speed 400."""
PATIENCE_SECONDS = 30.0
UNBAKED = """
environments:
  - {name: shop-staging, bake: 0s}
  - {name: shop-prod, bake: 0s, approval: none}
"""


@dataclass(frozen=True)
class Dropped:
    """One object version in the drop bucket."""

    bucket: str
    key: str
    version_id: str
    etag: str
    size: int
    at: str

    @property
    def id(self) -> str:
        return f"s3://{self.bucket}/{self.key}#{self.version_id}"

    @property
    def where(self) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": self.key, "VersionId": self.version_id}

    def event(self, **differs: Any) -> dict[str, Any]:
        """The envelope that S3 sends for it; `differs` goes into the object that it describes."""
        described = {
            "key": self.key,
            "size": self.size,
            "etag": self.etag,
            "version-id": self.version_id,
            "sequencer": uuid.uuid4().hex[:18].upper(),
        }
        return {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": "Object Created",
            "source": "aws.s3",
            "account": "123456789012",
            "time": self.at,
            "region": "us-east-1",
            "resources": [f"arn:aws:s3:::{self.bucket}"],
            "detail": {
                "version": "0",
                "bucket": {"name": self.bucket},
                "object": described | differs,
                "request-id": "N4N7GDK58NMKJ12R",
                "requester": "123456789012",
                "source-ip-address": "1.2.3.4",
                "reason": "PutObject",
            },
        }


class Shop:
    """What people do to it and see of it; `shop` in conftest leaves it as it found it."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.s3, self.beanstalk = cloud.client("s3"), cloud.client("elasticbeanstalk")
        self.ssm, self.sqs = cloud.client("ssm"), cloud.client("sqs")
        self.bucket, self.releases = cloud.outputs["DropBucket"], cloud.outputs["ReleaseBucket"]
        self.ledger = Ledger(Table(cloud.client("dynamodb"), cloud.outputs["LedgerTable"]))
        self._is_patient = False

    # What people do

    def drop(self, key: str, body: bytes | None = None, *, tags: str = "", **metadata: str) -> Dropped:
        """A sound WAR with the key as its text, unless a body is given; `a_b` in metadata is `a-b`."""
        content = sound_war(key) if body is None else body
        named = {name.replace("_", "-"): value for name, value in metadata.items()}
        at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        put = self.s3.put_object(Bucket=self.bucket, Key=key, Body=content, Metadata=named, Tagging=tags)
        return Dropped(self.bucket, key, put["VersionId"], put["ETag"].strip('"'), len(content), at)

    @contextmanager
    def unheard(self) -> Iterator[None]:
        """Uploads that the event bus does not hear of, so that the test tells it, when and how it wants to."""
        self.s3.put_bucket_notification_configuration(Bucket=self.bucket, NotificationConfiguration={})
        try:
            yield
        finally:
            self.s3.put_bucket_notification_configuration(
                Bucket=self.bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
            )

    def tell(self, envelope: dict[str, Any]) -> None:
        """Put an event on the bus as AWS's own services do; PutEvents refuses theirs."""
        self.cloud.door("POST", "/events", envelope)

    def fault(self, kind: str, **given: Any) -> None:
        self.cloud.door("POST", "/faults", {"fault": kind, **given})

    def configure(self, application: str, document: str) -> None:
        self.ssm.put_parameter(
            Name=f"/wardrop/applications/{application}", Value=document, Type="String", Overwrite=True
        )

    def make_version(self, label: str, body: bytes) -> None:
        """As somebody does who does not use Wardrop."""
        self.s3.put_object(Bucket=self.releases, Key=f"theirs/{label}.war", Body=body)
        self.beanstalk.create_application_version(
            ApplicationName=APPLICATION,
            VersionLabel=label,
            SourceBundle={"S3Bucket": self.releases, "S3Key": f"theirs/{label}.war"},
        )

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Somebody else deploys to staging something that no instance gets well with, and aborts it in the end."""
        label = f"theirs-{uuid.uuid4().hex[:8]}"
        self.make_version(label, archive({"WEB-INF/web.xml": "<web-app/>", "theirs": label}))
        self.set_option(STAGING, "Timeout", PATIENT)
        self._is_patient = True
        self.beanstalk.update_environment(EnvironmentName=STAGING, VersionLabel=label)
        self.cloud.eventually(lambda: self.environment(STAGING)["Status"] == "Updating", PATIENCE_SECONDS)
        try:
            yield
        finally:
            assert self.environment(STAGING)["Status"] == "Updating", "it was not busy for long enough"
            self.beanstalk.abort_environment_update(EnvironmentName=STAGING)

    def set_option(self, environment: str, name: str, value: str) -> None:
        """As somebody does who does not use Wardrop; returns when that shows."""
        before = self.environment(environment)["DateUpdated"]
        option = {"Namespace": COMMAND, "OptionName": name, "Value": value}
        self.beanstalk.update_environment(EnvironmentName=environment, OptionSettings=[option])

        def over() -> bool:
            shown = self.environment(environment)
            return bool(shown["Status"] == "Ready" and shown["DateUpdated"] > before)

        self.cloud.eventually(over, PATIENCE_SECONDS)

    # What people see

    def tags(self, dropped: Dropped) -> dict[str, str]:
        return {tag["Key"]: tag["Value"] for tag in self.s3.get_object_tagging(**dropped.where)["TagSet"]}

    def outcome(self, dropped: Dropped) -> dict[str, str]:
        """The tags of Wardrop's, without their prefix, once they are there: they are the last thing it writes."""

        def look() -> dict[str, str]:
            found = self.tags(dropped)
            return {name.removeprefix("wardrop-"): value for name, value in found.items() if name.startswith("wardrop")}

        return self.cloud.eventually(look, PATIENCE_SECONDS)

    def receipt(self, dropped: Dropped) -> Receipt:
        receipt = self.cloud.eventually(lambda: self.ledger.receipts.find(dropped.id), PATIENCE_SECONDS)
        assert receipt is not None
        return receipt

    def deployment(self, environment: str, its_id: str) -> Deployment | None:
        """Reads the history only when it is not going on, for it is asked again and again."""
        active = (one for one in self.ledger.environments.read(environment).deployments if one.id == its_id)
        past = (one for one in self.ledger.environments.history(environment) if one.id == its_id)
        return next(active, None) or next(past, None)

    def started(self, dropped: Dropped) -> str:
        """The id of the one deployment that a drop led to."""
        [its_id] = self.receipt(dropped).deployments
        return its_id

    def ended(self, environment: str, dropped: Dropped) -> Deployment:
        """The one deployment that a drop led to, once it is over."""
        its_id = self.started(dropped)

        def look() -> Deployment | None:
            found = self.deployment(environment, its_id)
            return None if found is None or found.is_active else found

        ended = self.cloud.eventually(look, PATIENCE_SECONDS)
        assert ended is not None
        return ended

    @staticmethod
    def states(deployment: Deployment) -> list[State]:
        """Those that it went through; how far it came in one of them is told too, and depends on when one looks."""
        return [state for state, _ in itertools.groupby(moment.state for moment in deployment.history)]

    def waiting(self, environment: str, dropped: Dropped) -> Deployment:
        """The one deployment that a drop led to, once a look has found that it must wait."""
        its_id = self.started(dropped)

        def look() -> Deployment | None:
            found = self.deployment(environment, its_id)
            return found if found and "; waiting" in found.reason else None

        waiting = self.cloud.eventually(look, PATIENCE_SECONDS)
        assert waiting is not None
        return waiting

    def alerts(self, **about: str) -> list[dict[str, str]]:
        """Alert items whose attributes have these values, oldest first."""
        pages = (
            self.cloud.client("dynamodb")
            .get_paginator("scan")
            .paginate(TableName=self.cloud.outputs["LedgerTable"], ConsistentRead=True)
        )
        found = [
            {name: next(iter(value.values())) for name, value in item.items()}
            for page in pages
            for item in page["Items"]
            if item["pk"]["S"].startswith("alerts/")
        ]
        return sorted(
            (one for one in found if all(one.get(name) == value for name, value in about.items())),
            key=lambda one: (one["at"], one["alert_id"]),
        )

    def kinds(self, **about: str) -> list[str]:
        """Without those that tell how far a deployment is: how many there are depends on when one looks."""
        return [alert["kind"] for alert in self.alerts(**about) if alert["kind"] != "deployment_progressed"]

    def log(self, function: str) -> list[dict[str, Any]]:
        """What a function logged in its own words; the runtime's lines are left out."""
        group = self.cloud.resources[f"{function}Log"]["ref"]
        pages = self.cloud.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
        lines = [event["message"] for page in pages for event in page["events"]]
        return [json.loads(line) for line in lines if line.startswith('{"level"')]

    def environment(self, name: str) -> dict[str, Any]:
        return dict(self.beanstalk.describe_environments(EnvironmentNames=[name])["Environments"][0])

    def instances(self, environment: str) -> list[str]:
        """The versions on the instances."""
        answer = self.beanstalk.describe_instances_health(EnvironmentName=environment, AttributeNames=["Deployment"])
        return [instance["Deployment"]["VersionLabel"] for instance in answer["InstanceHealthList"]]

    def versions(self, prefix: str) -> dict[str, Any]:
        """Beanstalk's versions of shop whose label begins so, by label."""
        answer = self.beanstalk.describe_application_versions(ApplicationName=APPLICATION)
        every = {one["VersionLabel"]: one for one in answer["ApplicationVersions"]}
        return {label: one for label, one in every.items() if label.startswith(prefix)}

    def calls(self) -> list[dict[str, Any]]:
        calls: list[dict[str, Any]] = self.cloud.door("GET", "/calls")
        return calls

    def dead_letter(self, queue: str, holding: str) -> dict[str, Any]:
        """The message in a dead-letter queue that holds a text, taken out of it."""
        url = self.cloud.resources[queue]["ref"]

        def look() -> dict[str, Any] | None:
            answer = self.sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0, MessageAttributeNames=["All"]
            )
            return next((one for one in answer.get("Messages", []) if holding in one["Body"]), None)

        found = self.cloud.eventually(look, PATIENCE_SECONDS)
        assert found is not None
        self.sqs.delete_message(QueueUrl=url, ReceiptHandle=found["ReceiptHandle"])
        return found

    # Leaving it as it was found

    def settle(self) -> None:
        """No faults, nothing configured, nothing going on, nothing known of the environments."""
        self.cloud.door("DELETE", "/faults")
        for parameter in self.ssm.get_parameters_by_path(Path="/wardrop/applications")["Parameters"]:
            self.ssm.delete_parameter(Name=parameter["Name"])
        self.cloud.eventually(lambda: not any(map(self.queued, QUEUES)), PATIENCE_SECONDS)
        self.cloud.eventually(self._nothing_active, PATIENCE_SECONDS)
        self.await_ready()
        if self._is_patient:
            self.set_option(STAGING, "Timeout", USUAL)
        self.forget()

    def _nothing_active(self) -> bool:
        """What waits for a person is cancelled."""
        active = self.ledger.environments.active().deploying
        for deployment in (one for name in active for one in self.ledger.environments.read(name).deployments):
            if deployment.state is State.AWAITING_APPROVAL:
                self.ledger.write(Change([deployment.moved(State.CANCELLED, "the test is over", datetime.now(UTC))]))
        return not active

    def forget(self) -> None:
        keys = itertools.product((STAGING, PROD), ("now/standing", "now/settings", "incident"))
        deletions = [
            {"DeleteRequest": {"Key": {"pk": {"S": f"environment/{name}"}, "sk": {"S": key}}}} for name, key in keys
        ]
        table = self.cloud.outputs["LedgerTable"]
        self.cloud.client("dynamodb").batch_write_item(RequestItems={table: deletions})

    def unconfigure(self, application: str) -> None:
        self.ssm.delete_parameter(Name=f"/wardrop/applications/{application}")

    def await_ready(self) -> None:
        def ready() -> bool:
            environments = self.beanstalk.describe_environments(IncludeDeleted=False)["Environments"]
            return all(one["Status"] == "Ready" for one in environments)

        self.cloud.eventually(ready, PATIENCE_SECONDS)

    def queued(self, queue: str) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.sqs.get_queue_attributes(QueueUrl=self.cloud.resources[queue]["ref"], AttributeNames=names)
        return sum(int(answer["Attributes"][name]) for name in names)

    def dead(self) -> dict[str, int]:
        """How many messages are in the dead-letter queues that have any."""
        return {queue: count for queue in DEAD_LETTERS if (count := self.queued(queue))}

    def forbidden(self) -> list[dict[str, Any]]:
        """Calls for which a function has no permission."""
        return [call for call in self.calls() if call["status"] == 403 and call["principal"] != "test"]


def archive(files: dict[str, str | bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as made:
        for name, content in files.items():
            made.writestr(name, content)
    return written.getvalue()
