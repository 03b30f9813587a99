"""The facts that are read of an account, and the sentences if a call is denied."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from moto import mock_aws

from installation.account import Account
from installation.drop_bucket import Bucket
from installation.findings import CannotTell

REGION = "us-east-1"
NO_SECRET = f"arn:aws:secretsmanager:{REGION}:123456789012:secret:slack-AbCdEf"
NO_KEY = f"arn:aws:kms:{REGION}:123456789012:key/2b1b1c2e-0000-0000-0000-000000000000"


@pytest.fixture
def account() -> Iterator[Account]:
    with mock_aws():
        yield Account(lambda service: boto3.client(service, REGION))


def forbidden(service: str) -> Any:
    """A client whose calls are all denied, before they leave this machine."""
    client = boto3.client(service, REGION)

    def deny(model: Any, **_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, model.name)

    client.meta.events.register("before-call", deny)
    return client


@pytest.mark.parametrize(
    ("read", "operation"),
    [
        (Account.stacks, "DescribeStacks"),
        (Account.applications, "DescribeApplications"),
        (Account.environments, "DescribeEnvironments"),
        (lambda account: account.secret(NO_SECRET), "GetSecretValue"),
        (lambda account: account.key_state(NO_KEY), "DescribeKey"),
        (lambda account: account.bucket("drops").region, "GetBucketLocation"),
    ],
)
def test_a_fact_that_may_not_be_read_is_said_to_be_unknown(read: Callable[[Account], Any], operation: str):
    assert read(Account(forbidden)) == CannotTell(f"your credentials may not call {operation}")


def test_what_does_not_exist_is_not_unknown(account):
    assert account.stack("wardrop") is None
    assert account.secret(NO_SECRET) is None
    assert account.key_state(NO_KEY) is None
    assert account.bucket("no-such-bucket-of-ours") == Bucket("no-such-bucket-of-ours", None)


def test_a_bucket_is_read_with_its_region_and_its_versioning(account):
    s3 = boto3.client("s3", REGION)
    s3.create_bucket(Bucket="drops-here")
    s3.create_bucket(Bucket="drops-there", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_bucket_versioning(Bucket="drops-here", VersioningConfiguration={"Status": "Enabled"})
    assert account.bucket("drops-here") == Bucket("drops-here", "us-east-1", has_events=False, is_versioned=True)
    assert account.bucket("drops-there") == Bucket("drops-there", "eu-west-1", has_events=False, is_versioned=False)


def test_a_secret_and_a_key_are_read(account):
    arn = boto3.client("secretsmanager", REGION).create_secret(Name="slack", SecretString="text")["ARN"]
    key = boto3.client("kms", REGION).create_key()["KeyMetadata"]["Arn"]
    assert (account.secret(arn), account.key_state(key)) == ("text", "Enabled")


@pytest.mark.usefixtures("account")
def test_the_stack_that_contains_a_leftover_is_named():
    boto3.client("s3", REGION).create_bucket(Bucket="old-releases")
    resource = {
        "StackName": "first",
        "LogicalResourceId": "Ledger",
        "ResourceType": "AWS::DynamoDB::Table",
        "ResourceStatus": "CREATE_COMPLETE",
        "Timestamp": datetime(2026, 1, 2, tzinfo=UTC),
    }
    cloudformation = boto3.client("cloudformation", REGION)
    with Stubber(cloudformation) as stubber:  # moto does not search for physical ids
        contained = {"StackResources": [resource]}
        stubber.add_response("describe_stack_resources", contained, {"PhysicalResourceId": "old-ledger"})
        stubber.add_client_error("describe_stack_resources", "ValidationError", "Stack for old-releases does not exist")
        clients = {"cloudformation": cloudformation}
        reader = Account(lambda service: clients.get(service) or boto3.client(service, REGION))
        left = reader.leftovers({"LedgerTable": "old-ledger", "ReleaseBucket": "old-releases"})
    assert left.owners == {"LedgerTable": "first", "ReleaseBucket": None}


def test_the_identity_is_that_of_the_credentials(account):
    assert account.identity().account == "123456789012"
