"""What goes over the wire where it is not an answer to a sound request."""

import re
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

import pytest

from .conftest import Cloud, refused

AUTHORIZATION = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/elasticbeanstalk/aws4_request"


def post(cloud: Cloud, **fields: str) -> tuple[int, str, str]:
    """Status, content type and body of a raw query request."""
    body = urllib.parse.urlencode({"Version": "2010-12-01"} | fields).encode()
    request = urllib.request.Request(cloud.endpoint, body, {"Authorization": AUTHORIZATION})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers["Content-Type"], answer.read().decode()


@pytest.mark.parametrize("action", ["RebuildEnvironment", "NoSuchThing", "Dispatch", "GivenParameters", ""])
def test_an_operation_that_is_not_there_is_an_error_in_xml(cloud: Cloud, action: str) -> None:
    status, content_type, body = post(cloud, Action=action)
    assert (status, content_type.split(";")[0]) == (400, "text/xml")
    assert "<Code>InvalidAction</Code>" in body
    assert re.search(r"<RequestId>[0-9a-f-]{36}</RequestId>", body)


def test_boto3_reads_an_operation_that_is_not_there(cloud: Cloud) -> None:
    assert refused(cloud.eb.compose_environments, ApplicationName="shop")[0] == "InvalidAction"


@pytest.mark.parametrize(
    ("call", "given", "code"),
    [
        ("create_application_version", {"ApplicationName": "shop"}, "MissingRequiredParameter"),
        ("update_environment", {"VersionLabel": "shop-0"}, "MissingRequiredParameter"),
        ("create_environment", {"ApplicationName": "shop"}, "MissingRequiredParameter"),
        ("create_application", {"ApplicationName": "x" * 101}, "InvalidParameterValue"),
        ("update_environment", {"EnvironmentName": "abc"}, "InvalidParameterValue"),
        ("describe_events", {"Severity": "LOUD"}, "InvalidParameterValue"),
        ("describe_events", {"MaxRecords": 1001}, "InvalidParameterValue"),
        (
            "describe_environment_health",
            {"EnvironmentName": "shop-prod", "AttributeNames": ["X"]},
            "InvalidParameterValue",
        ),
    ],
)
def test_a_request_is_checked_against_the_model(cloud: Cloud, call: str, given: dict[str, Any], code: str) -> None:
    assert refused(getattr(cloud.eb, call), **given)[::2] == (code, 400)


@pytest.mark.parametrize("fields", [{"MaxRecords": "many"}, {"StartTime": "yesterday-ish"}])
def test_an_ill_typed_parameter_is_an_error_in_xml(cloud: Cloud, fields: dict[str, str]) -> None:
    status, _, body = post(cloud, Action="DescribeEvents", **fields)
    assert (status, "<Code>InvalidParameterValue</Code>" in body) == (400, True)


def test_timestamps_have_milliseconds_and_request_ids_agree(cloud: Cloud) -> None:
    cloud.version("v-1")
    _, _, body = post(cloud, Action="DescribeApplicationVersions", ApplicationName="shop")
    dates = re.findall(r"<DateCreated>(.*?)</DateCreated>", body)
    assert dates
    assert all(re.fullmatch(r"[\d-]{10}T[\d:]{8}(\.\d{3})?Z", date) for date in dates)
    metadata = cloud.eb.describe_environments()["ResponseMetadata"]
    assert metadata["RequestId"] == metadata["HTTPHeaders"]["x-amzn-requestid"]


def test_regions_know_nothing_of_each_other(cloud: Cloud) -> None:
    elsewhere = cloud.client("elasticbeanstalk", "eu-west-1")
    assert elsewhere.describe_applications()["Applications"] == []
    elsewhere.create_application(ApplicationName="shop")
    reason = "The bucket is in this region: us-east-1. Please use this region to retry the request"
    cloud.s3.put_object(Bucket=cloud.bucket, Key="a.war", Body=b"")
    source = {"S3Bucket": cloud.bucket, "S3Key": "a.war"}
    given = {"ApplicationName": "shop", "VersionLabel": "v-1", "SourceBundle": source}
    assert refused(elsewhere.create_application_version, **given)[1].endswith(f"Reason: {reason}")


def test_the_tier_is_told_to_the_eb_cli(cloud: Cloud) -> None:
    given = {
        "Action": "DescribeConfigurationSettings",
        "ApplicationName": "shop",
        "EnvironmentName": "shop-prod",
    }
    _, _, body = post(cloud, **given)
    assert "<Tier><Name>WebServer</Name>" in body
