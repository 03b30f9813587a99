"""The application `shop` on the stand-in cloud, as people and other programs see it."""

import io
import itertools
import json
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from local.beanstalk.seed import sound_war
from local.cloud import Cloud
from wardrop.aws.ledger.ledger import Ledger
from wardrop.aws.ledger.table import Table
from wardrop.configuration.parameter import application_of, parameter_name
from wardrop.deployments.change import Change
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.state import State
from wardrop.drops.receipt import Receipt

APPLICATION, STAGING, PROD = "shop", "shop-staging", "shop-prod"
QUEUES = ("Drops", "BeanstalkEvents", "GuardRequests", "Mailbox")
DEAD_LETTERS = (
    "DropsDead",
    "BeanstalkEventsDead",
    "MailboxDead",
    "SlackPostsDead",
    "TicksDead",
    "CleanUpsDead",
)
COMMAND = "aws:elasticbeanstalk:command"
LONG_TIMEOUT, USUAL_TIMEOUT = "3600", "600"
"""Seconds within which a batch must become healthy. An hour is nine seconds at speed 400."""
PATIENCE_SECONDS = 120.0
UNBAKED = """
environments:
  - {name: shop-staging, bake: 0s, guard: off}
  - {name: shop-prod, bake: 0s, approval: none, guard: off}
"""
"""The guard is off: every test begins with an empty ledger, so it does not know the running files."""


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
    def location(self) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": self.key, "VersionId": self.version_id}

    def event(self, **differs: Any) -> dict[str, Any]:
        """The event that S3 sends for the object version. `differs` replaces fields of the object in the event."""
        fields = {
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
                "object": fields | differs,
                "request-id": "N4N7GDK58NMKJ12R",
                "requester": "123456789012",
                "source-ip-address": "1.2.3.4",
                "reason": "PutObject",
            },
        }


class Shop:
    """The actions of people and other programs, and what they can observe."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.s3, self.beanstalk = cloud.client("s3"), cloud.client("elasticbeanstalk")
        self.ssm, self.sqs = cloud.client("ssm"), cloud.client("sqs")
        self.bucket, self.releases = cloud.outputs["DropBucket"], cloud.outputs["ReleaseBucket"]
        self.ledger = Ledger(Table(cloud.client("dynamodb"), cloud.outputs["LedgerTable"]))
        self._has_long_timeout = False

    # Actions of people and other programs

    def drop(self, key: str, body: bytes | None = None, *, tags: str = "", **metadata: str) -> Dropped:
        """Uploads a file, by default a sound WAR whose page shows the key. The metadata `a_b` gets the name `a-b`."""
        content = sound_war(key) if body is None else body
        named = {name.replace("_", "-"): value for name, value in metadata.items()}
        at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        put = self.s3.put_object(Bucket=self.bucket, Key=key, Body=content, Metadata=named, Tagging=tags)
        return Dropped(self.bucket, key, put["VersionId"], put["ETag"].strip('"'), len(content), at)

    def copy_in_place(self, dropped: Dropped, **metadata: str) -> Dropped:
        """Copies an object onto itself. A file system on S3 does this to set the time of a file."""
        at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        where = {"Bucket": dropped.bucket, "Key": dropped.key}
        copy = self.s3.copy_object(**where, CopySource=where, Metadata=metadata, MetadataDirective="REPLACE")
        etag = copy["CopyObjectResult"]["ETag"].strip('"')
        return Dropped(dropped.bucket, dropped.key, copy["VersionId"], etag, dropped.size, at)

    def drop_encrypted(self, key: str) -> Dropped:
        """Uploads a WAR with SSE-C, so that only its uploader has the key."""
        at, content = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", sound_war(key)
        customer_key = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": uuid.uuid4().hex}
        put = self.s3.put_object(Bucket=self.bucket, Key=key, Body=content, **customer_key)
        return Dropped(self.bucket, key, put["VersionId"], put["ETag"].strip('"'), len(content), at)

    @contextmanager
    def without_s3_events(self) -> Iterator[None]:
        """S3 sends no events within the context, so that the test can send them itself."""
        self.s3.put_bucket_notification_configuration(Bucket=self.bucket, NotificationConfiguration={})
        try:
            yield
        finally:
            self.s3.put_bucket_notification_configuration(
                Bucket=self.bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
            )

    def put_event(self, envelope: dict[str, Any]) -> None:
        """Sends an event in the name of an AWS service. PutEvents would refuse it."""
        self.cloud.control("POST", "/events", envelope)

    def fault(self, kind: str, **given: Any) -> None:
        self.cloud.control("POST", "/faults", {"fault": kind, **given})

    def configure(self, application: str, document: str, kind: Literal["String", "SecureString"] = "String") -> None:
        self.ssm.put_parameter(Name=f"/wardrop/applications/{application}", Value=document, Type=kind, Overwrite=True)

    def make_version(self, label: str, body: bytes) -> None:
        """Creates a version without Wardrop, as a person does."""
        self.s3.put_object(Bucket=self.releases, Key=f"theirs/{label}.war", Body=body, IfNoneMatch="*")
        self.beanstalk.create_application_version(
            ApplicationName=APPLICATION,
            VersionLabel=label,
            SourceBundle={"S3Bucket": self.releases, "S3Key": f"theirs/{label}.war"},
        )

    @contextmanager
    def foreign_update(self) -> Iterator[None]:
        """Within the context, a person's update of staging is in progress. It deploys a version that cannot answer.

        At the end, the person aborts the update.
        """
        label = f"theirs-{uuid.uuid4().hex[:8]}"
        self.make_version(label, archive({"WEB-INF/web.xml": "<web-app/>", "theirs": label}))
        self.set_option(STAGING, "Timeout", LONG_TIMEOUT)
        self._has_long_timeout = True
        self.beanstalk.update_environment(EnvironmentName=STAGING, VersionLabel=label)
        self.cloud.eventually(lambda: self.environment(STAGING)["Status"] == "Updating", PATIENCE_SECONDS)
        try:
            yield
        finally:
            assert self.environment(STAGING)["Status"] == "Updating", "the person's update ended before the test did"
            self.beanstalk.abort_environment_update(EnvironmentName=STAGING)

    def set_option(self, environment: str, name: str, value: str) -> None:
        """Sets an option without Wardrop, as a person does. Returns when the update has ended."""
        before = self.environment(environment)["DateUpdated"]
        option = {"Namespace": COMMAND, "OptionName": name, "Value": value}
        self.beanstalk.update_environment(EnvironmentName=environment, OptionSettings=[option])

        def has_ended() -> bool:
            described = self.environment(environment)
            return bool(described["Status"] == "Ready" and described["DateUpdated"] > before)

        self.cloud.eventually(has_ended, PATIENCE_SECONDS)

    # What they can observe

    def tags(self, dropped: Dropped) -> dict[str, str]:
        return {tag["Key"]: tag["Value"] for tag in self.s3.get_object_tagging(**dropped.location)["TagSet"]}

    def outcome(self, dropped: Dropped) -> dict[str, str]:
        """Waits for Wardrop's tags, which it writes last. Returns them without their prefix."""

        def look() -> dict[str, str]:
            tags = self.tags(dropped)
            return {name.removeprefix("wardrop-"): value for name, value in tags.items() if name.startswith("wardrop")}

        return self.cloud.eventually(look, PATIENCE_SECONDS)

    def receipt(self, dropped: Dropped) -> Receipt:
        receipt = self.cloud.eventually(lambda: self.ledger.receipts.find(dropped.id), PATIENCE_SECONDS)
        assert receipt is not None
        return receipt

    def deployment(self, environment: str, deployment_id: str) -> Deployment | None:
        """Reads the history only if the deployment is not active, because tests call this often."""
        active = (each for each in self.ledger.environments.read(environment).deployments if each.id == deployment_id)
        past = (each for each in self.ledger.environments.history(environment) if each.id == deployment_id)
        return next(active, None) or next(past, None)

    def deployment_id(self, dropped: Dropped) -> str:
        """Waits until the drop is received. Returns the id of its only deployment."""
        [deployment_id] = self.receipt(dropped).deployments
        return deployment_id

    def await_end(self, environment: str, dropped: Dropped) -> Deployment:
        """Waits until the only deployment of a drop has ended, and returns it."""
        return self.await_deployment(environment, dropped, lambda deployment: not deployment.is_active)

    def await_waiting(self, environment: str, dropped: Dropped) -> Deployment:
        """Waits until the only deployment of a drop waits for the environment, and returns it."""
        return self.await_deployment(environment, dropped, lambda deployment: deployment.waits_for is not None)

    def await_deployment(
        self, environment: str, dropped: Dropped, condition: Callable[[Deployment], bool]
    ) -> Deployment:
        """Waits until the only deployment of a drop meets a condition, and returns it."""
        deployment_id = self.deployment_id(dropped)

        def look() -> Deployment | None:
            deployment = self.deployment(environment, deployment_id)
            return deployment if deployment and condition(deployment) else None

        deployment = self.cloud.eventually(look, PATIENCE_SECONDS)
        assert deployment is not None
        return deployment

    @staticmethod
    def states(deployment: Deployment) -> list[State]:
        """The states of a deployment in order. Its history may have several entries for one state."""
        return [state for state, _ in itertools.groupby(moment.state for moment in deployment.history)]

    def alerts(self, **about: str) -> list[dict[str, str]]:
        """The alerts in the ledger whose attributes have these values, oldest first."""
        pages = (
            self.cloud.client("dynamodb")
            .get_paginator("scan")
            .paginate(TableName=self.cloud.outputs["LedgerTable"], ConsistentRead=True)
        )
        alerts = [
            {name: next(iter(value.values())) for name, value in item.items()}
            for page in pages
            for item in page["Items"]
            if item["pk"]["S"].startswith("alerts/")
        ]
        return sorted(
            (alert for alert in alerts if all(alert.get(name) == value for name, value in about.items())),
            key=lambda alert: (alert["at"], alert["alert_id"]),
        )

    def alert_kinds(self, **about: str) -> list[str]:
        """The kinds of the alerts, without alerts on progress, whose number depends on when Wardrop looks."""
        return [alert["kind"] for alert in self.alerts(**about) if alert["kind"] != "deployment_progressed"]

    def log(self, function: str) -> list[dict[str, Any]]:
        """The lines that a function logged itself, without those of the runtime."""
        group = self.cloud.resources[f"{function}Log"]["ref"]
        pages = self.cloud.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
        lines = [event["message"] for page in pages for event in page["events"]]
        return [json.loads(line) for line in lines if line.startswith('{"level"')]

    def environment(self, name: str) -> dict[str, Any]:
        return dict(self.beanstalk.describe_environments(EnvironmentNames=[name])["Environments"][0])

    def instances(self, environment: str) -> list[str]:
        """The version labels on the instances."""
        answer = self.beanstalk.describe_instances_health(EnvironmentName=environment, AttributeNames=["Deployment"])
        return [instance["Deployment"]["VersionLabel"] for instance in answer["InstanceHealthList"]]

    def versions(self, prefix: str) -> dict[str, Any]:
        """By label, Beanstalk's versions of the application whose labels begin with the prefix."""
        answer = self.beanstalk.describe_application_versions(ApplicationName=APPLICATION)
        versions = {version["VersionLabel"]: version for version in answer["ApplicationVersions"]}
        return {label: version for label, version in versions.items() if label.startswith(prefix)}

    def calls(self) -> list[dict[str, Any]]:
        calls: list[dict[str, Any]] = self.cloud.control("GET", "/calls")
        return calls

    def dead_letter(self, queue: str, text: str) -> dict[str, Any]:
        """Waits for a message with this text in a dead-letter queue. Deletes and returns it."""
        url = self.cloud.resources[queue]["ref"]

        def look() -> dict[str, Any] | None:
            answer = self.sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0, MessageAttributeNames=["All"]
            )
            return next((message for message in answer.get("Messages", []) if text in message["Body"]), None)

        message = self.cloud.eventually(look, PATIENCE_SECONDS)
        assert message is not None
        self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return message

    # The end of a test

    def settle(self) -> None:
        """Removes faults and configurations, waits until nothing is active, and deletes the environments' records."""
        self.cloud.control("DELETE", "/faults")
        for parameter in self.ssm.get_parameters_by_path(Path="/wardrop/applications")["Parameters"]:
            self.remove_configuration(application_of(parameter["Name"].rpartition("/")[2]))
        self.cloud.eventually(lambda: not any(map(self.message_count, QUEUES)), PATIENCE_SECONDS)
        self.cloud.eventually(self._is_nothing_active, PATIENCE_SECONDS)
        self.await_ready()
        if self._has_long_timeout:
            self.set_option(STAGING, "Timeout", USUAL_TIMEOUT)
        self.delete_records()

    def _is_nothing_active(self) -> bool:
        """Whether no deployment is active. Cancels deployments that wait for an approval."""
        active = self.ledger.environments.active().deploying
        for deployment in (each for name in active for each in self.ledger.environments.read(name).deployments):
            if deployment.state is State.AWAITING_APPROVAL:
                self.ledger.write(Change([deployment.moved(State.CANCELLED, "the test has ended", datetime.now(UTC))]))
        return not active

    def delete_records(self) -> None:
        """Deletes the ledger's records of the environments, without their deployments and settings."""
        keys = itertools.product((STAGING, PROD), ("now/standing", "incident"))
        deletions = [
            {"DeleteRequest": {"Key": {"pk": {"S": f"environment/{name}"}, "sk": {"S": key}}}} for name, key in keys
        ]
        table = self.cloud.outputs["LedgerTable"]
        self.cloud.client("dynamodb").batch_write_item(RequestItems={table: deletions})

    def remove_configuration(self, application: str) -> None:
        """Deletes the configuration and its record in the ledger, as if the application never had one."""
        self.ssm.delete_parameter(Name=f"/wardrop/applications/{parameter_name(application)}")
        key = {"pk": {"S": f"application/{application}"}, "sk": {"S": "configuration"}}
        self.cloud.client("dynamodb").delete_item(TableName=self.cloud.outputs["LedgerTable"], Key=key)

    def await_ready(self) -> None:
        def are_ready() -> bool:
            environments = self.beanstalk.describe_environments(IncludeDeleted=False)["Environments"]
            return all(environment["Status"] == "Ready" for environment in environments)

        self.cloud.eventually(are_ready, PATIENCE_SECONDS)

    def await_settings(self) -> None:
        """Waits until the ledger has the settings of both environments from after their last update."""

        def is_recorded(environment: dict[str, Any]) -> bool:
            settings = self.ledger.environments.read(environment["EnvironmentName"]).settings
            return settings is not None and settings.environment_updated_at == environment["DateUpdated"]

        def are_recorded() -> bool:
            environments = self.beanstalk.describe_environments(EnvironmentNames=[STAGING, PROD])["Environments"]
            return all(map(is_recorded, environments)) and not self.message_count("GuardRequests")

        self.cloud.eventually(are_recorded, PATIENCE_SECONDS)

    def message_count(self, queue: str) -> int:
        """The number of messages in a queue, with those that a function is processing."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.sqs.get_queue_attributes(QueueUrl=self.cloud.resources[queue]["ref"], AttributeNames=names)
        return sum(int(answer["Attributes"][name]) for name in names)

    def dead_letters(self) -> dict[str, int]:
        """The number of messages in each dead-letter queue that has any."""
        return {queue: count for queue in DEAD_LETTERS if (count := self.message_count(queue))}

    def forbidden_calls(self) -> list[dict[str, Any]]:
        """Calls for which a function has no permission."""
        return [call for call in self.calls() if call["status"] == 403 and call["principal"] != "test"]


def archive(files: dict[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()
