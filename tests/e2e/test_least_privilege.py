"""The roles and the release bucket refuse calls that the functions do not need."""

from collections.abc import Iterator
from typing import Any

import boto3.session
import pytest
from botocore.exceptions import ClientError

from local.cloud import Cloud
from local.settings import REGION


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with Cloud(speed=600, parameters={"Applications": "shop"}) as running:
        yield running


def as_function(cloud: Cloud, function: str, service: str) -> Any:
    """A client with the credentials of the function's role."""
    role = cloud.resources[f"{function}Role"]["Arn"]
    answer = cloud.client("sts").assume_role(RoleArn=role, RoleSessionName="intruder")["Credentials"]
    session = boto3.session.Session(answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"], REGION)
    return session.client(service, endpoint_url=cloud.endpoint)  # type: ignore[call-overload]


def refusal(call: Any, **parameters: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    return str(refused.value)


def test_a_function_cannot_update_an_environment_of_another_application(cloud: Cloud) -> None:
    """AdvanceDeployment has AWS's policy for all applications; the parameter Applications denies the others."""
    beanstalk = as_function(cloud, "AdvanceDeployment", "elasticbeanstalk")
    theirs = {"ApplicationName": "mall", "EnvironmentName": "mall-prod"}
    assert "explicit deny" in refusal(beanstalk.update_environment, **theirs, VersionLabel="x")
    assert "explicit deny" in refusal(beanstalk.terminate_environment, EnvironmentName="mall-prod")
    assert "explicit deny" in refusal(beanstalk.delete_application, ApplicationName="mall")
    swap = {"SourceEnvironmentName": "shop-prod", "DestinationEnvironmentName": "mall-prod"}
    assert "explicit deny" in refusal(beanstalk.swap_environment_cnames, **swap)
    beanstalk.update_environment(EnvironmentName="shop-staging", VersionLabel="shop-0")


def test_post_to_slack_cannot_write_or_read_what_is_not_its_own(cloud: Cloud) -> None:
    table, dynamodb = cloud.outputs["LedgerTable"], as_function(cloud, "PostToSlack", "dynamodb")
    dynamodb.put_item(TableName=table, Item={"pk": {"S": "slack/#wardrop"}, "sk": {"S": "intruder"}})
    deployment = {"pk": {"S": "environment/shop-prod"}, "sk": {"S": "now/deployment/1"}}
    assert "not authorized to perform: dynamodb:PutItem" in refusal(dynamodb.put_item, TableName=table, Item=deployment)
    assert "not authorized to perform: dynamodb:GetItem" in refusal(dynamodb.get_item, TableName=table, Key=deployment)
    assert "not authorized to perform: dynamodb:Scan" in refusal(dynamodb.scan, TableName=table)
    both = [{"Put": {"TableName": table, "Item": item}} for item in (deployment, deployment | {"pk": {"S": "slack/a"}})]
    assert "PutItem" in refusal(dynamodb.transact_write_items, TransactItems=both)


def test_a_release_cannot_be_overwritten_by_anybody(cloud: Cloud) -> None:
    """Not even by an administrator, because a deny in the bucket's policy applies to everybody in the account."""
    s3, where = cloud.client("s3"), {"Bucket": cloud.outputs["ReleaseBucket"], "Key": "shop/1.war"}
    s3.put_object(**where, Body=b"first", IfNoneMatch="*")
    assert "explicit deny in a resource-based policy" in refusal(s3.put_object, **where, Body=b"second")
    assert "explicit deny" in refusal(s3.copy_object, **where, CopySource=where, MetadataDirective="REPLACE")
    upload = s3.create_multipart_upload(**where)["UploadId"]
    part = s3.upload_part(**where, UploadId=upload, PartNumber=1, Body=b"third")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    completed = {**where, "UploadId": upload, "MultipartUpload": parts}
    assert "explicit deny" in refusal(s3.complete_multipart_upload, **completed)
    assert "PreconditionFailed" in refusal(s3.put_object, **where, Body=b"fourth", IfNoneMatch="*")
    assert s3.get_object(**where)["Body"].read() == b"first"
