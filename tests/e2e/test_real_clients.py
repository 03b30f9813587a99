"""The AWS CLI, Apache's sample WAR and the built functions on the stand-in. `make test-real` gets them."""

import json
import os
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from installation.account import Account
from installation.drop_bucket import command_for_events
from local.beanstalk.seed import sound_war
from local.cloud import Cloud
from local.settings import REGION, ROOT
from tests.integration.shop import APPLICATION, PROD, STAGING, UNBAKED, Shop
from wardrop.deployments.state import State

pytestmark = pytest.mark.real

AWS = ROOT / ".tools/bin/aws"
SAMPLE = ROOT / ".tools/sample.war"
CLI_SECONDS = 60


class Aws:
    """Runs the AWS CLI, as a person does. Only the endpoint differs from AWS."""

    def __init__(self, endpoint: str) -> None:
        self._environment = {
            "PATH": os.environ["PATH"],
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_PAGER": "",
        }

    def __call__(self, *arguments: str) -> Any:
        """The output of the AWS CLI, parsed if it is JSON."""
        ended = subprocess.run(
            [AWS, *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=CLI_SECONDS,
            check=False,
        )
        assert (ended.returncode, ended.stderr) == (0, "")
        return json.loads(ended.stdout) if ended.stdout.startswith(("{", "[")) else ended.stdout

    def in_shell(self, command: str) -> None:
        path = f"{AWS.parent}:{self._environment['PATH']}"
        ended = subprocess.run(
            ["bash", "-eu", "-c", command],
            env={**self._environment, "PATH": path},
            capture_output=True,
            text=True,
            timeout=CLI_SECONDS,
            check=False,
        )
        assert (ended.returncode, ended.stderr) == (0, "")

    def environment(self, name: str) -> Any:
        [environment] = self("elasticbeanstalk", "describe-environments", "--environment-names", name)["Environments"]
        return environment


@pytest.fixture
def shop(cloud: Cloud) -> Shop:
    shop = Shop(cloud)
    shop.configure(APPLICATION, UNBAKED)
    return shop


@pytest.fixture(scope="module")
def aws(cloud: Cloud) -> Aws:
    return Aws(cloud.endpoint)


def await_live(shop: Shop, aws: Aws, environment: str, label: str) -> None:
    def is_live() -> bool:
        described = aws.environment(environment)
        return (described["VersionLabel"], described["Status"]) == (label, "Ready")

    shop.cloud.eventually(is_live, CLI_SECONDS)


def test_a_war_copied_with_the_aws_cli_goes_live(shop: Shop, aws: Aws, tmp_path: Path) -> None:
    war = tmp_path / "cli-1.war"
    war.write_bytes(sound_war("cli-1"))
    output = aws("s3", "cp", str(war), f"s3://{shop.bucket}/shop/shop-staging/", "--metadata", "dropped-by=jenkins")
    assert "upload:" in output
    await_live(shop, aws, STAGING, "cli-1")
    where = ["--bucket", shop.bucket, "--key", "shop/shop-staging/cli-1.war"]
    tags = {tag["Key"]: tag["Value"] for tag in aws("s3api", "get-object-tagging", *where)["TagSet"]}
    assert (tags["wardrop-status"], tags["wardrop-version"]) == ("accepted", "cli-1")
    shop.settle()
    deployment = shop.deployment(STAGING, tags["wardrop-deployment"])
    assert deployment is not None
    assert (deployment.state, deployment.dropped_by) == (State.SUCCEEDED, "jenkins")
    assert (shop.dead_letters(), shop.forbidden_calls()) == ({}, [])


def test_a_war_uploaded_in_parts_goes_live(shop: Shop, aws: Aws, tmp_path: Path) -> None:
    """The AWS CLI uploads a file above 8 MB in parts. S3 sends another event, and the ETag is no hash of the file."""
    war = tmp_path / "parts-1.war"
    war.write_bytes(sound_war("parts-1"))
    with zipfile.ZipFile(war, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr("WEB-INF/classes/random", os.urandom(9 * 2**20))
    aws("s3", "cp", str(war), f"s3://{shop.bucket}/shop/shop-staging/")
    await_live(shop, aws, STAGING, "parts-1")
    head = aws("s3api", "head-object", "--bucket", shop.bucket, "--key", "shop/shop-staging/parts-1.war")
    assert re.fullmatch(r'"[0-9a-f]{32}-2"', head["ETag"])
    shop.settle()
    assert (shop.dead_letters(), shop.forbidden_calls()) == ({}, [])


def test_the_aws_cli_updates_an_environment_to_another_version(shop: Shop, aws: Aws, tmp_path: Path) -> None:
    war = tmp_path / "rolled.war"
    war.write_bytes(sound_war("by hand"))
    storage = aws("elasticbeanstalk", "create-storage-location")["S3Bucket"]
    aws("s3", "cp", str(war), f"s3://{storage}/by-hand-1.war")
    version = ["--application-name", APPLICATION, "--version-label", "by-hand-1"]
    source = f"S3Bucket={storage},S3Key=by-hand-1.war"
    created = aws("elasticbeanstalk", "create-application-version", *version, "--source-bundle", source)
    assert created["ApplicationVersion"]["VersionLabel"] == "by-hand-1"
    name = ["--environment-name", PROD]
    begun = aws("elasticbeanstalk", "update-environment", *name, "--version-label", "by-hand-1")
    assert (begun["Status"], begun["VersionLabel"]) == ("Updating", "by-hand-1")
    await_live(shop, aws, PROD, "by-hand-1")

    events = aws("elasticbeanstalk", "describe-events", *name)["Events"]
    messages = [event["Message"] for event in events]
    assert "Environment update completed successfully." in messages
    assert "Batch 4: Completed application deployment." in messages
    health = aws("elasticbeanstalk", "describe-environment-health", *name, "--attribute-names", "All")
    assert health["EnvironmentName"] == PROD
    assert sum(count for count in health["InstancesHealth"].values()) == 4
    instances = aws("elasticbeanstalk", "describe-instances-health", *name, "--attribute-names", "All")
    deployments = [instance["Deployment"] for instance in instances["InstanceHealthList"]]
    assert [(each["VersionLabel"], each["Status"]) for each in deployments] == [("by-hand-1", "Deployed")] * 4


def test_the_printed_command_enables_events_and_keeps_the_notifications_of_the_bucket(cloud: Cloud, aws: Aws) -> None:
    s3, queue = cloud.client("s3"), cloud.client("sqs").create_queue(QueueName="their-own")["QueueUrl"]
    s3.create_bucket(Bucket="bucket-with-notifications")
    s3.create_bucket(Bucket="bucket-without-notifications")
    own = {"Id": "own", "QueueArn": f"arn:aws:sqs:{REGION}:123456789012:their-own", "Events": ["s3:ObjectRemoved:*"]}
    s3.put_bucket_notification_configuration(
        Bucket="bucket-with-notifications", NotificationConfiguration={"QueueConfigurations": [own]}
    )
    for bucket in ("bucket-with-notifications", "bucket-without-notifications"):
        aws.in_shell(command_for_events(bucket))
        aws.in_shell(command_for_events(bucket))  # a second run changes nothing
        assert Account(cloud.client).bucket(bucket).has_events is True
    kept = s3.get_bucket_notification_configuration(Bucket="bucket-with-notifications")
    assert kept["QueueConfigurations"] == [own]
    cloud.client("sqs").delete_queue(QueueUrl=queue)


def test_apaches_own_war_goes_live_through_s3(shop: Shop, aws: Aws) -> None:
    aws("s3", "cp", str(SAMPLE), f"s3://{shop.bucket}/shop/shop-staging/sample-10.1.war")
    await_live(shop, aws, STAGING, "sample-10.1")
    shop.settle()
    assert shop.instances(STAGING) == ["sample-10.1", "sample-10.1"]
    assert (shop.dead_letters(), shop.forbidden_calls()) == ({}, [])


def test_make_demo_shows_apaches_own_war_go_live() -> None:
    make = ["make", "--no-print-directory", "demo", f"WAR={SAMPLE.relative_to(ROOT)}"]
    ended = subprocess.run(make, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    live = r"^[0-9:]+ sample-[0-9a-f]{8} to shop-prod: succeeded: all 4 instances run sample-[0-9a-f]{8} and health is"
    assert re.search(live, ended.stdout, re.MULTILINE)


def test_a_drop_goes_live_with_the_functions_and_layers_of_make_build() -> None:
    """The functions run only with the built files, so the test fails if a package is missing there."""
    with Cloud(speed=600, built=True) as cloud:
        shop = Shop(cloud)
        shop.configure(APPLICATION, UNBAKED)
        good = shop.drop("shop/shop-staging/built-1.war")
        assert shop.await_end(STAGING, good).state is State.SUCCEEDED
        bad = shop.drop("shop/shop-staging/built-2.war", b"not a WAR")
        assert shop.outcome(bad)["status"] == "rejected"
        shop.settle()
        assert (shop.dead_letters(), shop.forbidden_calls()) == ({}, [])
