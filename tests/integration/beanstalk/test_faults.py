"""The faults of Beanstalk. Each strikes the given environment, for the given number of times or seconds."""

from collections.abc import Callable

import pytest
from moto.elasticbeanstalk.models import eb_backends
from werkzeug.test import Client

from local.beanstalk.website import Websites
from local.faults import InvalidFault
from tests.bundles.every import every_bundle

from .conftest import Cloud, refused, wait_until


def test_another_update_may_occupy_an_environment_for_a_while(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(speed=600.0)
    cloud.version("v-1")
    cloud.faults.add({"fault": "occupied", "environment": "shop-staging", "seconds": 600})
    wait_until(lambda: cloud.environment()["Status"] == "Updating", "the environment is occupied")
    assert refused(cloud.eb.update_environment, EnvironmentName="shop-staging", VersionLabel="v-1")[1] == (
        "Environment named shop-staging is in an invalid state for this operation. Must be Ready."
    )
    assert cloud.environment("shop-prod")["Status"] == "Ready"
    after = cloud.settle()
    assert after["VersionLabel"] == "shop-0"
    events = cloud.eb.describe_events(EnvironmentName="shop-staging")["Events"]
    started, ended = [event for event in reversed(events) if "RequestId" in event]
    assert started["RequestId"] == ended["RequestId"]
    assert ended["Message"] == "Environment update completed successfully."
    assert cloud.deploy("v-1")


def test_a_full_quota_refuses_a_version_and_is_in_the_account_attributes(cloud: Cloud) -> None:
    cloud.faults.add({"fault": "quota-full"})
    code, _, status = refused(cloud.version, label="v-1")
    assert (code, status) == ("TooManyApplicationVersionsException", 400)
    assert cloud.eb.describe_account_attributes()["ResourceQuotas"]["ApplicationVersionQuota"]["Maximum"] == 1
    cloud.faults.clear()
    assert cloud.version("v-1")


def test_an_unreadable_bundle_fails_only_its_own_deployment(cloud: Cloud) -> None:
    cloud.faults.add({"fault": "bundle-unreadable", "label": "v-1"})
    for label in ("v-1", "v-2"):
        cloud.version(label)
        cloud.deploy(label)
    assert cloud.environment()["VersionLabel"] == "v-2"
    assert ("ERROR", "Failed to deploy application.") in cloud.messages()


@pytest.mark.parametrize("file", ["launch-script-1.war", "backslash-1.war"])
def test_a_bundle_that_unzip_fails_on_fails_its_deployment_on_the_instances(cloud: Cloud, file: str) -> None:
    cloud.version("v-1", next(bundle.content for bundle in every_bundle() if bundle.file == file))
    request_id = cloud.deploy("v-1")
    assert cloud.environment()["VersionLabel"] == "shop-0"
    assert ("ERROR", "Instance deployment failed. For details, see 'eb-engine.log'.") in cloud.messages(request_id)


def test_a_stale_answer_shows_an_earlier_state(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(speed=60.0)
    cloud.faults.add({"fault": "stale-describe", "environment": "shop-staging", "seconds": 60})
    cloud.version("v-1")
    cloud.update(VersionLabel="v-1")
    assert cloud.environment()["Status"] == "Ready"
    assert (
        cloud.eb.describe_environments(EnvironmentNames=["shop-staging"])["Environments"][0]["VersionLabel"] == "shop-0"
    )
    wait_until(lambda: cloud.environment()["Status"] == "Updating", "a second later it shows")


def test_stale_reports_show_the_instances_and_the_events_of_some_seconds_ago(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(speed=60.0)
    assert labels(cloud) == ["shop-0", "shop-0"]
    cloud.faults.add({"fault": "stale-reports", "environment": "shop-staging", "seconds": 600})
    cloud.version("v-1")
    request_id = cloud.deploy("v-1")
    assert cloud.environment()["VersionLabel"] == "v-1"
    assert labels(cloud) == ["shop-0", "shop-0"]
    assert cloud.messages(request_id, EnvironmentName="shop-staging") == []
    cloud.faults.clear()
    assert labels(cloud) == ["v-1", "v-1"]
    assert cloud.messages(request_id, EnvironmentName="shop-staging")


@pytest.mark.parametrize(
    ("description", "wrong"),
    [
        ({"fault": "occupied", "seconds": 0}, "seconds: must be a whole number from 1 to 1000000000, not 0"),
        ({"fault": "occupied", "seconds": 10**400}, "seconds: must be a whole number from 1 to 1000000000, not 1000"),
        ({"fault": "bundle-unreadable", "label": ""}, "label: must be a version label, not ''"),
        ({"fault": "kill-function", "function": 3}, "function: must be the logical id of a function, not 3"),
        ({"fault": "quota-full", "seconds": 3}, "seconds: quota-full has no such parameter"),
        ({"fault": "on-fire"}, "fault: 'on-fire' is not one of bundle-unreadable, cancelled"),
    ],
)
def test_every_error_in_a_fault_is_reported(cloud: Cloud, description: dict[str, object], wrong: str) -> None:
    with pytest.raises(InvalidFault) as caught:
        cloud.faults.add(description)
    assert wrong in str(caught.value)


def test_the_same_seed_strikes_the_same_calls(cloud: Cloud) -> None:
    def struck_calls() -> list[bool]:
        cloud.faults.clear()
        cloud.faults.add({"fault": "stale-describe", "rate": 0.4, "seed": 11})
        return [cloud.faults.strikes("stale-describe", "shop-prod") is not None for _ in range(40)]

    first = struck_calls()
    assert first == struck_calls()
    assert set(first) == {True, False}


def labels(cloud: Cloud) -> list[str]:
    return [each["Deployment"]["VersionLabel"] for each in cloud.instances()]


def pages(cloud: Cloud) -> set[str]:
    """The different answers of the instances of an environment to 40 requests."""
    websites = Client(Websites(None, eb_backends["123456789012"]["us-east-1"]))
    host = {"Host": cloud.environment()["CNAME"]}
    return {websites.get("/", headers=host).get_data(as_text=True).strip() for _ in range(40)}


def test_a_lying_instance_reports_the_new_version_and_runs_the_old_one(cloud: Cloud) -> None:
    cloud.faults.add({"fault": "instance-lies", "environment": "shop-staging", "times": 1})
    cloud.version("v-1")
    cloud.deploy("v-1")
    assert labels(cloud) == ["v-1", "v-1"]
    assert cloud.environment()["VersionLabel"] == "v-1"
    assert pages(cloud) == {"<h1>shop-0</h1>", "<h1>v-1</h1>"}
    cloud.version("v-2")
    cloud.deploy("v-2")
    assert pages(cloud) == {"<h1>v-2</h1>"}


def test_a_new_instance_cannot_lie_because_it_never_ran_another_version(cloud: Cloud) -> None:
    cloud.faults.add({"fault": "instance-lies", "environment": "shop-staging"})
    cloud.configure(DeploymentPolicy="Immutable")
    cloud.version("v-1")
    cloud.deploy("v-1")
    assert labels(cloud) == ["v-1", "v-1"]
    assert pages(cloud) == {"<h1>v-1</h1>"}


def test_every_command_on_a_stuck_instance_times_out_until_the_instance_is_replaced(cloud: Cloud) -> None:
    cloud.faults.add({"fault": "instance-stuck", "environment": "shop-staging", "times": 1})
    stuck = cloud.instances()[0]["InstanceId"]
    silent = f"(they might still finish eventually on their own): [{stuck}]."
    for label in ("v-1", "v-2"):
        cloud.version(label)
        texts = [text for _, text in cloud.messages(cloud.deploy(label))]
        assert any(text.endswith(silent) for text in texts)
        assert "Failed to deploy application." in texts
    cloud.faults.add({"fault": "instance-terminated", "environment": "shop-staging"})
    wait_until(lambda: stuck not in {each["InstanceId"] for each in cloud.instances()}, "the instance is replaced")
    cloud.deploy("v-2")
    assert labels(cloud) == ["v-2", "v-2"]


def test_a_late_command_ends_after_its_failure_was_reported(cloud: Cloud) -> None:
    cloud.faults.add({"fault": "deploy-finishes-late", "environment": "shop-staging", "times": 1, "seconds": 3000})
    cloud.version("v-1")
    cloud.deploy("v-1")
    assert cloud.environment()["VersionLabel"] == "shop-0"
    wait_until(lambda: "Deployed" in {each["Deployment"]["Status"] for each in cloud.instances()[:1]}, "it ends")
    assert labels(cloud) == ["v-1", "shop-0"]


def test_a_failed_environment_may_stay_updating_for_a_while_after_its_first_error(
    make_cloud: Callable[..., Cloud],
) -> None:
    cloud = make_cloud(speed=200.0)
    cloud.faults.add({"fault": "failure-lingers", "environment": "shop-staging", "seconds": 400})
    cloud.faults.add({"fault": "deploy-fails-command", "environment": "shop-staging"})
    cloud.version("v-1")
    cloud.update(VersionLabel="v-1")
    wait_until(lambda: "Unsuccessful command execution" in str(cloud.messages()), "the first error is reported")
    assert cloud.environment()["Status"] == "Updating"
    assert "Failed to deploy application." not in str(cloud.messages())
    cloud.settle()
    assert "Failed to deploy application." in str(cloud.messages())
