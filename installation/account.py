"""Reads resources of the AWS account. If a resource cannot be read, the result is CannotTell."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from installation.adoption import Leftovers, table_of
from installation.beanstalk import Environment
from installation.drop_bucket import Bucket
from installation.findings import CannotTell
from installation.stacks import Stack

T = TypeVar("T")

FORBIDDEN = {
    "403",
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "InsufficientPrivilegesException",
    "UnauthorizedOperation",
}
OFTEN = {"Delay": 5, "MaxAttempts": 120}
MISSING = {"404", "NoSuchBucket", "NotFoundException", "ResourceNotFoundException"}


@dataclass(frozen=True)
class Identity:
    account: str
    arn: str


class Account:
    def __init__(self, client: Callable[[str], Any]) -> None:
        """`client` returns the boto3 client of a service, in the stack's region."""
        self._client = client

    def identity(self) -> Identity:
        answer = self._client("sts").get_caller_identity()
        return Identity(answer["Account"], answer["Arn"])

    def stacks(self) -> list[Stack] | CannotTell:
        """Returns all stacks in the region that are not deleted."""

        def read() -> list[Stack]:
            pages = self._client("cloudformation").get_paginator("describe_stacks").paginate()
            return [_stack(given) for page in pages for given in page["Stacks"]]

        return _unless_forbidden(read)

    def stack(self, name: str) -> Stack | None:
        """Returns the stack with this name. None: the stack does not exist."""
        try:
            [given] = self._client("cloudformation").describe_stacks(StackName=name)["Stacks"]
        except ClientError as error:
            if _code(error) == "ValidationError" and "does not exist" in error.response["Error"]["Message"]:
                return None
            raise
        return _stack(given)

    def leftovers(self, adopted: Mapping[str, str]) -> Leftovers:
        tables = self._client("dynamodb")
        return Leftovers(
            table=_unless_missing(lambda: table_of(tables.describe_table(TableName=adopted["LedgerTable"])["Table"])),
            bucket_region=self.bucket(adopted["ReleaseBucket"]).region,
            owners={output: _unless_forbidden(partial(self._owner, name)) for output, name in adopted.items()},
        )

    def _owner(self, name: str) -> str | None:
        """Returns the name of the stack that contains this resource. None: no stack contains it."""
        try:
            found = self._client("cloudformation").describe_stack_resources(PhysicalResourceId=name)["StackResources"]
        except ClientError as error:
            if _code(error) == "ValidationError":
                return None
            raise
        return next((str(resource["StackName"]) for resource in found), None)

    def adopt(self, stack: str, template: Mapping[str, Any], resources: Sequence[Mapping[str, Any]]) -> None:
        """Creates the stack from these existing resources, and waits until the stack is complete."""
        cloudformation, change_set = self._client("cloudformation"), {"StackName": stack, "ChangeSetName": "adopt"}
        cloudformation.create_change_set(
            **change_set, ChangeSetType="IMPORT", TemplateBody=json.dumps(template), ResourcesToImport=resources
        )
        cloudformation.get_waiter("change_set_create_complete").wait(**change_set, WaiterConfig=OFTEN)
        cloudformation.execute_change_set(**change_set)
        cloudformation.get_waiter("stack_import_complete").wait(StackName=stack, WaiterConfig=OFTEN)

    def applications(self) -> list[str] | CannotTell:
        def read() -> list[str]:
            answer = self._client("elasticbeanstalk").describe_applications()
            return [given["ApplicationName"] for given in answer["Applications"]]

        return _unless_forbidden(read)

    def environments(self) -> list[Environment] | CannotTell:
        def read() -> list[Environment]:
            pages = self._client("elasticbeanstalk").get_paginator("describe_environments").paginate()
            return [
                Environment(given["EnvironmentName"], given["ApplicationName"], bool(given.get("OperationsRole")))
                for page in pages
                for given in page["Environments"]
                if given["Status"] not in ("Terminating", "Terminated")
            ]

        return _unless_forbidden(read)

    def bucket(self, name: str) -> Bucket:
        s3 = self._client("s3")
        region = _unless_missing(lambda: _region(s3.get_bucket_location(Bucket=name)["LocationConstraint"]))
        if not isinstance(region, str):
            return Bucket(name, region)
        return Bucket(
            name,
            region,
            _unless_forbidden(
                lambda: "EventBridgeConfiguration" in s3.get_bucket_notification_configuration(Bucket=name)
            ),
            _unless_forbidden(lambda: s3.get_bucket_versioning(Bucket=name).get("Status") == "Enabled"),
        )

    def secret(self, arn: str) -> str | CannotTell | None:
        """Returns the value of the secret. None: the secret does not exist, or has no string value."""
        read = self._client("secretsmanager").get_secret_value
        return _unless_missing(lambda: read(SecretId=arn).get("SecretString"))

    def key_state(self, arn: str) -> str | CannotTell | None:
        """Returns the state of the KMS key. None: the key does not exist."""
        read = self._client("kms").describe_key
        return _unless_missing(lambda: str(read(KeyId=arn)["KeyMetadata"]["KeyState"]))


def _stack(given: dict[str, Any]) -> Stack:
    parameters = {entry["ParameterKey"]: entry["ParameterValue"] for entry in given.get("Parameters", [])}
    outputs = {entry["OutputKey"]: entry["OutputValue"] for entry in given.get("Outputs", [])}
    return Stack(given["StackName"], given["StackStatus"], parameters, outputs)


def _region(location: str | None) -> str:
    """Returns the region that a response of GetBucketLocation means.

    GetBucketLocation returns no location for us-east-1, and EU for an old bucket in eu-west-1 (API reference).
    """
    return {None: "us-east-1", "EU": "eu-west-1"}.get(location) or str(location)


def _code(error: ClientError) -> str:
    return error.response["Error"]["Code"]


def _unless_forbidden(read: Callable[[], T]) -> T | CannotTell:
    try:
        return read()
    except ClientError as error:
        if _code(error) in FORBIDDEN:
            return CannotTell(f"your credentials may not call {error.operation_name}")
        raise


def _unless_missing(read: Callable[[], T]) -> T | CannotTell | None:
    try:
        return _unless_forbidden(read)
    except ClientError as error:
        if _code(error) in MISSING:
            return None
        raise
