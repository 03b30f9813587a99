"""The protocol of Beanstalk's API: errors, invalid requests, and the form of answers."""

import re
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto.core.utils import get_service_model

from .conftest import Cloud, refused

AUTHORIZATION = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/elasticbeanstalk/aws4_request"


def post(cloud: Cloud, **fields: str) -> tuple[int, str, str]:
    """Sends a request without boto3. Returns the status, the content type and the body of the answer."""
    body = urllib.parse.urlencode({"Version": "2010-12-01"} | fields).encode()
    request = urllib.request.Request(cloud.endpoint, body, {"Authorization": AUTHORIZATION})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers["Content-Type"], answer.read().decode()


@pytest.mark.parametrize("action", ["ComposeEnvironments", "NoSuchThing", "Dispatch", "GivenParameters", ""])
def test_an_unknown_operation_is_an_error_in_xml(cloud: Cloud, action: str) -> None:
    status, content_type, body = post(cloud, Action=action)
    assert (status, content_type.split(";")[0]) == (400, "text/xml")
    assert "<Code>InvalidAction</Code>" in body
    assert re.search(r"<RequestId>[0-9a-f-]{36}</RequestId>", body)


def test_another_version_of_the_api_is_unknown(cloud: Cloud) -> None:
    status, _, body = post(cloud, Action="DescribeEvents", Version="2011-01-01")
    assert (status, "Could not find operation DescribeEvents for version 2011-01-01" in body) == (400, True)


def test_boto3_can_read_the_error_of_an_unknown_operation(cloud: Cloud) -> None:
    assert refused(cloud.eb.compose_environments, ApplicationName="shop")[0] == "InvalidAction"


@pytest.mark.parametrize(
    ("call", "given", "violation"),
    [
        (
            "create_application_version",
            {"ApplicationName": "shop"},
            "Value null at 'versionLabel' failed to satisfy constraint: Member must not be null",
        ),
        (
            "update_environment",
            {"EnvironmentName": "abc"},
            "Value 'abc' at 'environmentName' failed to satisfy constraint: "
            "Member must have length greater than or equal to 4",
        ),
        (
            "describe_events",
            {"MaxRecords": 1001},
            "Value '1001' at 'maxRecords' failed to satisfy constraint: "
            "Member must have value less than or equal to 1000",
        ),
        (
            "describe_events",
            {"Severity": "LOUD"},
            "Value 'LOUD' at 'severity' failed to satisfy constraint: "
            "Member must satisfy enum value set: [TRACE, DEBUG, INFO, WARN, ERROR, FATAL]",
        ),
        (
            "describe_environments",
            {"EnvironmentNames": ["shop-prod", "abc"]},
            "Value '[shop-prod, abc]' at 'environmentNames' failed to satisfy constraint: "
            "Member must satisfy constraint: [Member must have length less than or equal to 40, "
            "Member must have length greater than or equal to 4]",
        ),
        (
            "describe_application_versions",
            {"ApplicationName": "shop", "VersionLabels": ["app-heroku/v380"]},
            "Value '[app-heroku/v380]' at 'versionLabels' failed to satisfy constraint: "
            "Member must satisfy constraint: [Member must have length less than or equal to 100, "
            "Member must have length greater than or equal to 1, "
            "Member must satisfy regular expression pattern: [^/]+]",
        ),
        (
            "create_application_version",
            {"ApplicationName": "shop", "VersionLabel": "a/b"},
            "Value 'a/b' at 'versionLabel' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: [^/]+",
        ),
        (
            "update_environment",
            {"EnvironmentName": "shop-prod", "OptionSettings": [{"ResourceName": ""}]},
            "Value '' at 'optionSettings.1.member.resourceName' failed to satisfy constraint: "
            "Member must have length greater than or equal to 1",
        ),
        (
            "create_application",
            {"ApplicationName": "fo~o"},
            "Value 'fo~o' at 'applicationName' failed to satisfy constraint: Member must satisfy regular expression "
            r"""pattern: ^[\p{Alnum}\s\"\'\_\.\,\+\-\[\]\(\)\\]+$""",
        ),
    ],
)
def test_a_request_is_checked_against_the_model_and_refused_in_awss_words(
    cloud: Cloud, call: str, given: dict[str, Any], violation: str
) -> None:
    text = f"1 validation error detected: {violation}"
    assert refused(getattr(cloud.eb, call), **given) == ("ValidationError", text, 400)


def test_every_broken_constraint_is_reported_at_once(cloud: Cloud) -> None:
    _, text, _ = refused(cloud.eb.create_application_version, Description="d" * 201)
    assert text.startswith("3 validation errors detected: Value null at 'applicationName' failed")
    assert text.count("; Value ") == 2


@pytest.mark.parametrize(
    ("call", "given"),
    [("update_environment", {"VersionLabel": "shop-0"}), ("create_environment", {"ApplicationName": "shop"})],
)
def test_an_environment_must_be_named(cloud: Cloud, call: str, given: dict[str, Any]) -> None:
    assert refused(getattr(cloud.eb, call), **given)[::2] == ("MissingRequiredParameter", 400)


@pytest.mark.parametrize(
    "fields",
    [
        {"Action": "DescribeEvents", "MaxRecords": "many"},
        {"Action": "DescribeEvents", "MaxRecords": "9" * 5000},
        {"Action": "DescribeEvents", "StartTime": "yesterday-ish"},
        {"Action": "DescribeEnvironments", "IncludeDeleted": "perhaps"},
        {"Action": "DescribeEnvironments", "EnvironmentNames": "shop-prod"},
        {"Action": "UpdateEnvironment", "EnvironmentName": "shop-prod", "Tier": "WebServer"},
    ],
)
def test_an_ill_typed_parameter_is_an_error_in_xml(cloud: Cloud, fields: dict[str, str]) -> None:
    status, _, body = post(cloud, **fields)
    assert (status, "<Code>InvalidParameterValue</Code>" in body) == (400, True)


@pytest.mark.parametrize(
    "name",
    [
        "Nonsense",
        "environmentname",
        "EnvironmentNames.member",
        "EnvironmentNames.member.x",
        "EnvironmentNames.1",
        "EnvironmentNames.member.1.Name",
        "",
    ],
)
def test_a_parameter_that_the_operation_does_not_have_is_refused(cloud: Cloud, name: str) -> None:
    status, _, body = post(cloud, Action="DescribeEnvironments", **{name: "shop-prod"})
    assert (status, "<Code>InvalidQueryParameter</Code>" in body) == (400, True)
    assert f"The parameter {name} is not recognized" in body


@given(
    action=st.sampled_from(sorted(get_service_model("elasticbeanstalk").operation_names)),
    fields=st.dictionaries(
        st.sampled_from(
            [
                "ApplicationName",
                "EnvironmentName",
                "EnvironmentId",
                "VersionLabel",
                "NextToken",
                "Severity",
                "StartTime",
                "MaxRecords",
                "ResourceArn",
                "PlatformArn",
                "SolutionStackName",
                "CNAMEPrefix",
                "Tags.member.1.Key",
                "AttributeNames.member.1",
                "Options.member.1.Namespace",
                "OptionSettings.member.1.Namespace",
                "OptionSettings.member.1.OptionName",
                "OptionSettings.member.1.Value",
                "OptionsToRemove.member.1.Namespace",
                "SourceBundle.S3Bucket",
                "SourceEnvironmentName",
                "Tier.Name",
            ]
        )
        | st.text(max_size=8),
        st.sampled_from(["shop", "shop-prod", "shop-0", "aws:elasticbeanstalk:command", "BatchSize", "All", "1"])
        | st.text(max_size=8),
        max_size=5,
    ),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_answer_is_xml(cloud: Cloud, action: str, fields: dict[str, str]) -> None:
    status, content_type, body = post(cloud, **fields | {"Action": action})
    assert status in (200, 400), body
    assert content_type.split(";")[0] == "text/xml"


def test_timestamps_have_milliseconds_and_all_request_ids_are_equal(cloud: Cloud) -> None:
    cloud.version("v-1")
    _, _, body = post(cloud, Action="DescribeApplicationVersions", ApplicationName="shop")
    dates = re.findall(r"<DateCreated>(.*?)</DateCreated>", body)
    assert dates
    assert all(re.fullmatch(r"[\d-]{10}T[\d:]{8}(\.\d{3})?Z", date) for date in dates)
    metadata = cloud.eb.describe_environments()["ResponseMetadata"]
    assert metadata["RequestId"] == metadata["HTTPHeaders"]["x-amzn-requestid"]


def test_regions_are_independent(cloud: Cloud) -> None:
    elsewhere = cloud.client("elasticbeanstalk", "eu-west-1")
    assert elsewhere.describe_applications()["Applications"] == []
    elsewhere.create_application(ApplicationName="shop")
    reason = "The bucket is in this region: us-east-1. Please use this region to retry the request"
    cloud.s3.put_object(Bucket=cloud.bucket, Key="a.war", Body=b"")
    source = {"S3Bucket": cloud.bucket, "S3Key": "a.war"}
    given = {"ApplicationName": "shop", "VersionLabel": "v-1", "SourceBundle": source}
    assert refused(elsewhere.create_application_version, **given)[1].endswith(f"Reason: {reason}")


def test_the_settings_of_an_environment_have_its_tier(cloud: Cloud) -> None:
    given = {
        "Action": "DescribeConfigurationSettings",
        "ApplicationName": "shop",
        "EnvironmentName": "shop-prod",
    }
    _, _, body = post(cloud, **given)
    assert "<Tier><Name>WebServer</Name>" in body
