"""The logs that Beanstalk uploads to its own bucket."""

from typing import Any
from urllib.parse import urlsplit

from .conftest import Cloud, wait_until

PREFIX = "resources/environments/logs"


def test_each_operation_has_a_log_with_its_request_id(cloud: Cloud) -> None:
    cloud.faults.add({"fault": "deployment-log", "text": "what the application printed"})
    cloud.version("v-1")
    answer = cloud.eb.update_environment(EnvironmentName="shop-staging", VersionLabel="v-1")
    cloud.settle()
    bucket, request_id = cloud.eb.create_storage_location()["S3Bucket"], answer["ResponseMetadata"]["RequestId"]
    key = f"{PREFIX}/deployments/{answer['EnvironmentId']}/eb-deployment-{request_id}.log"
    log = cloud.s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode().splitlines()
    assert log[1] == "what the application printed"
    assert log[0].endswith("[INFO] Starting Application update")
    assert log[-1].endswith("[INFO] Completed Application update")


def test_the_ends_of_the_logs_of_all_instances_can_be_requested(cloud: Cloud) -> None:
    named = {"EnvironmentName": "shop-staging", "InfoType": "tail"}
    assert cloud.eb.retrieve_environment_info(**named)["EnvironmentInfo"] == []
    cloud.eb.request_environment_info(**named)

    def logs() -> list[Any]:
        infos: list[Any] = cloud.eb.retrieve_environment_info(**named)["EnvironmentInfo"]
        return infos

    wait_until(logs, "the logs have arrived")
    infos = logs()
    assert len({info["Ec2InstanceId"] for info in infos}) == 2
    bucket = cloud.eb.create_storage_location()["S3Bucket"]
    for info in infos:
        url = urlsplit(info["Message"])
        assert url.hostname == f"{bucket}.s3.amazonaws.com"
        assert cloud.s3.get_object(Bucket=bucket, Key=url.path.lstrip("/"))["ContentLength"] > 0
