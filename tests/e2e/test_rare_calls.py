"""Calls that functions make only in rare cases, with the permissions of their roles."""

from collections.abc import Iterator

import pytest

from local.beanstalk.seed import sound_war
from local.cloud import Cloud
from tests.integration.shop import APPLICATION, PROD, STAGING, UNBAKED, Shop
from tests.integration.test_run_command import ask
from wardrop.deployments.state import State

THEIRS = "their-bundles"
ALARMED = "environments: [{name: shop-staging, alarms: [no-such-alarm]}]"


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with Cloud(speed=600, parameters={"BundleBuckets": f"arn:aws:s3:::{THEIRS},arn:aws:s3:::no-bucket"}) as running:
        yield running


@pytest.fixture
def shop(cloud: Cloud) -> Iterator[Shop]:
    shop = Shop(cloud)
    shop.configure(APPLICATION, UNBAKED)
    yield shop
    shop.settle()
    assert (shop.dead_letters(), shop.forbidden_calls()) == ({}, [])


def test_a_drop_for_an_application_without_environments_makes_a_version_and_deploys_nothing(shop: Shop) -> None:
    shop.beanstalk.create_application(ApplicationName="empty")
    outcome = shop.outcome(shop.drop("empty/1.war"))
    assert (outcome["status"], outcome["deployment"]) == ("accepted", "none")


def test_the_history_says_that_the_bundle_of_the_previous_version_does_not_exist(shop: Shop) -> None:
    shop.s3.create_bucket(Bucket=THEIRS)
    shop.s3.put_object(Bucket=THEIRS, Key="7.war", Body=sound_war("7"))
    bundle = {"S3Bucket": THEIRS, "S3Key": "7.war"}
    shop.beanstalk.create_application_version(ApplicationName=APPLICATION, VersionLabel="7", SourceBundle=bundle)
    shop.beanstalk.update_environment(EnvironmentName=STAGING, VersionLabel="7")
    shop.cloud.eventually(lambda: shop.instances(STAGING) == ["7", "7"])
    shop.await_ready()
    shop.s3.delete_object(Bucket=THEIRS, Key="7.war")
    deployment = shop.await_end(STAGING, shop.drop("shop/shop-staging/after-7.war"))
    assert deployment.state is State.SUCCEEDED
    text = "a rollback to 7 is not possible, because its bundle s3://their-bundles/7.war no longer exists"
    assert any(text in moment.reason for moment in deployment.history)


def test_a_version_whose_release_was_deleted_is_not_deployed_again(shop: Shop) -> None:
    for label in ("kept-1", "kept-2"):
        assert shop.await_end(STAGING, shop.drop(f"shop/shop-staging/{label}.war")).state is State.SUCCEEDED
    source = shop.versions("kept-1")["kept-1"]["SourceBundle"]
    shop.s3.delete_object(Bucket=source["S3Bucket"], Key=source["S3Key"])
    _, answer = ask(shop, command="deploy", environment=STAGING, label="kept-1")

    def reason() -> str | None:
        deployment = shop.deployment(STAGING, answer["deployment"])
        return None if deployment is None or deployment.is_active else deployment.reason

    assert "does not exist any more" in str(shop.cloud.eventually(reason, 30))


def test_an_alert_is_posted_to_the_default_channel_although_the_configuration_is_refused(shop: Shop) -> None:
    shop.configure(APPLICATION, "nonsense: true")
    shop.drop("shop/shop-staging/refused.txt")

    def posted() -> bool:
        return any("refused.txt" in message["text"] for message in shop.cloud.control("GET", "/slack/messages"))

    assert shop.cloud.eventually(posted)


def test_the_status_says_that_an_alarm_of_the_configuration_does_not_exist(shop: Shop) -> None:
    shop.configure(APPLICATION, ALARMED)
    _, answer = ask(shop, command="status", of=APPLICATION)
    assert "no-such-alarm" in str(answer["configurations"])


def test_a_plan_counts_the_instances_if_the_settings_do_not_say_how_many_there_are(shop: Shop) -> None:
    more = {"Namespace": "aws:autoscaling:asg", "OptionName": "MaxSize", "Value": "8"}
    before = shop.environment(PROD)["DateUpdated"]
    shop.beanstalk.update_environment(EnvironmentName=PROD, OptionSettings=[more])
    shop.cloud.eventually(lambda: shop.environment(PROD)["DateUpdated"] > before)
    shop.await_ready()
    launch = "aws:autoscaling:launchconfiguration:InstanceType=m5.large"
    _, answer = ask(shop, command="plan", environment=PROD, settings=[launch])
    assert "4 instances" in answer["sentence"]


def test_a_look_that_fails_is_repeated_long_before_the_queues_visibility_timeout(shop: Shop) -> None:
    shop.configure(APPLICATION, "environments: [{name: shop-staging, bake: 5s}]")
    dropped = shop.drop("shop/shop-staging/refused-1.war")
    name = shop.deployment_id(dropped)

    def bakes() -> bool:
        deployment = shop.deployment(STAGING, name)
        return deployment is not None and deployment.state is State.BAKING

    shop.cloud.eventually(bakes)
    shop.fault("cancelled", reason="ValidationError", times=1)
    assert shop.await_end(STAGING, dropped).state is State.SUCCEEDED
    calls = [call for call in shop.calls() if call["action"] == "ChangeMessageVisibilityBatch"]
    assert "AdvanceDeployment" in {call["principal"] for call in calls}


def test_an_empty_object_is_read_again_before_the_timeout_of_the_queue(shop: Shop) -> None:
    dropped = shop.drop("shop/shop-staging/empty-1.war", b"")
    sooner = ("ReceiveDrop", "ChangeMessageVisibilityBatch")
    shop.cloud.eventually(lambda: any((call["principal"], call["action"]) == sooner for call in shop.calls()))
    shop.sqs.purge_queue(QueueUrl=shop.cloud.resources["Drops"]["ref"])
    assert shop.tags(dropped) == {}
