"""The requests of the client einaregilsson/beanstalk-deploy, in its order."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.test import Client

from local.beanstalk.dialect import Dialect
from local.beanstalk.seed import sound_war

from .conftest import Cloud, wait_until

AUTHORIZATION = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{}/aws4_request, SignedHeaders=x, Signature=y"
SHOP = {"ApplicationName": "shop"}
STAGING = SHOP | {"EnvironmentName": "shop-staging"}


class BeanstalkDeploy:
    """A client with the wire format of beanstalk-deploy: GET, `Operation`, `members`, and JSON."""

    def __init__(self) -> None:
        self._client = Client(Dialect(DomainDispatcherApplication(create_backend_app)))

    def call(self, operation: str, **more: str) -> tuple[int, dict[str, Any]]:
        query = urlencode({"Operation": operation, "Version": "2010-12-01", **more})
        answer = self._client.get(f"/?{query}", headers=self._headers("elasticbeanstalk"))
        assert answer.headers["Content-Type"] == "application/json"
        return answer.status_code, json.loads(answer.data)

    def result(self, operation: str, **more: str) -> Any:
        status, answer = self.call(operation, **more)
        assert status == 200, answer
        return answer[f"{operation}Response"][f"{operation}Result"]

    def upload(self, bucket: str, key: str, content: bytes) -> list[int]:
        """The statuses of HEAD and PUT. The client uploads only if HEAD does not find the object."""
        return [
            self._client.open(
                f"/{key}",
                method=method,
                data=content if method == "PUT" else None,
                base_url=f"http://{bucket}.s3.us-east-1.amazonaws.com",
                headers=self._headers("s3"),
            ).status_code
            for method in ("HEAD", "PUT")
        ]

    def _headers(self, service: str) -> dict[str, str]:
        return {
            "Authorization": AUTHORIZATION.format(service),
            "Accept": "application/json",
            "Content-Type": "application/json",
        }


@pytest.fixture
def client(cloud: Cloud) -> BeanstalkDeploy:
    assert cloud.environment()["Status"] == "Ready"
    return BeanstalkDeploy()


def test_beanstalk_deploy_deploys_a_new_version(client: BeanstalkDeploy) -> None:
    labels = {"VersionLabels.members.1": "v-1"}
    assert client.result("DescribeApplicationVersions", **SHOP, **labels)["ApplicationVersions"] == []
    bucket = client.result("CreateStorageLocation")["S3Bucket"]
    assert client.upload(bucket, "shop/v-1.zip", sound_war("v-1")) == [404, 200]
    source = {"SourceBundle.S3Bucket": bucket, "SourceBundle.S3Key": "shop/v-1.zip"}
    client.result("CreateApplicationVersion", **SHOP, VersionLabel="v-1", Description="", **source)
    assert client.result("UpdateEnvironment", **STAGING, VersionLabel="v-1")["Status"] == "Updating"

    def environment() -> Any:
        named = {"EnvironmentNames.members.1": "shop-staging"}
        [described] = client.result("DescribeEnvironments", **SHOP, **named)["Environments"]
        return described

    wait_until(lambda: environment()["Status"] == "Ready", "the deployment ends")
    assert environment()["VersionLabel"] == "v-1"
    since = {"Severity": "TRACE", "StartTime": "20251128T215300Z"}
    events = client.result("DescribeEvents", **STAGING, **since)["Events"]
    assert "Environment update completed successfully." in [each["Message"] for each in events]


def test_dates_are_seconds_and_members_without_a_value_are_null(client: BeanstalkDeploy, cloud: Cloud) -> None:
    environments = client.result("DescribeEnvironments", **SHOP)["Environments"]
    of_boto3 = {each["EnvironmentName"]: each["DateCreated"].timestamp() for each in _described(cloud)}
    assert {each["EnvironmentName"]: each["DateCreated"] for each in environments} == of_boto3
    assert {each["Description"] for each in environments} == {None}


def _described(cloud: Cloud) -> list[dict[str, Any]]:
    return list(cloud.eb.describe_environments()["Environments"])


def test_an_error_has_its_code_and_its_message(client: BeanstalkDeploy) -> None:
    status, answer = client.call("UpdateEnvironment", **STAGING, VersionLabel="v-9")
    error = answer["Error"]
    assert (status, error["Code"]) == (400, "InvalidParameterValue")
    assert error["Message"] == "No Application Version named 'v-9' found."


def test_an_operation_without_a_result_answers_null(client: BeanstalkDeploy) -> None:
    status, answer = client.call("RestartAppServer", EnvironmentName="shop-staging")
    assert (status, answer["RestartAppServerResponse"]["RestartAppServerResult"]) == (200, None)
