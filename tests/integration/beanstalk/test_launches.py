"""Instances that Auto Scaling or a replacing update launches, and the last moment of a successful update."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from local.beanstalk.environments import Environment

from .conftest import Cloud, wait_until

ASG, LAUNCH = "aws:autoscaling:asg", "aws:autoscaling:launchconfiguration"
ROLLING = "aws:autoscaling:updatepolicy:rollingupdate"
NAME = "shop-staging"
FAILED = "Command failed on 1 out of 2 instances."


def update(cloud: Cloud, *given: tuple[str, str, str]) -> str:
    options = [{"Namespace": space, "OptionName": name, "Value": value} for space, name, value in given]
    return cloud.update(OptionSettings=options)


def deployments(cloud: Cloud) -> list[tuple[str, str] | None]:
    """The label and the status that each instance reports. None: the instance reports no deployment."""
    reported = [each.get("Deployment") for each in cloud.instances()]
    return [(each["VersionLabel"], each["Status"]) if each else None for each in reported]


def state(cloud: Cloud) -> Environment:
    [backend] = cloud.beanstalk.backends.values()
    found: Environment = backend.environments[NAME]
    return found


def delete_bundle(cloud: Cloud) -> None:
    """Deletes the bundle of shop-0, which both environments run."""
    cloud.s3.delete_object(Bucket=cloud.eb.create_storage_location()["S3Bucket"], Key="shop/shop-0.war")


def serving(cloud: Cloud) -> list[bool]:
    with cloud.beanstalk.lock:
        return [each.in_service for each in state(cloud).instances]


def replace_an_instance(cloud: Cloud) -> None:
    before = {each["InstanceId"] for each in cloud.instances()}
    cloud.faults.add({"fault": "instance-terminated", "environment": NAME})
    wait_until(lambda: before != {each["InstanceId"] for each in cloud.instances()}, "an instance is replaced")


def test_an_added_instance_is_pending_and_serves_when_it_has_run_its_first_command(
    make_cloud: Callable[..., Cloud],
) -> None:
    cloud = make_cloud(speed=60.0)
    update(cloud, (ASG, "MinSize", "3"))
    cloud.settle()
    added = cloud.instances()[2]
    assert "Deployment" not in added
    assert (added["HealthStatus"], added["Causes"][0][:27]) == ("Pending", "Performing initialization (")
    assert serving(cloud) == [True, True, False]
    assert cloud.environment()["HealthStatus"] in ("Info", "Ok")
    wait_until(lambda: deployments(cloud) == [("shop-0", "Deployed")] * 3, "the instance runs the version")
    assert serving(cloud) == [True] * 3


def test_an_instance_that_replaces_a_terminated_one_cannot_start_without_the_bundle(cloud: Cloud) -> None:
    delete_bundle(cloud)
    replace_an_instance(cloud)
    wait_until(lambda: ("shop-0", "Failed") in deployments(cloud), "the first command fails")
    assert serving(cloud) == [True, False]
    wait_until(lambda: FAILED in cloud.health()["Causes"], "health falls")
    assert cloud.environment()["VersionLabel"] == "shop-0"
    cloud.version("v-1")
    cloud.deploy("v-1")
    assert (deployments(cloud), serving(cloud)) == ([("v-1", "Deployed")] * 2, [True] * 2)


def test_an_unreadable_bundle_stops_a_launched_instance(cloud: Cloud) -> None:
    cloud.faults.add({"fault": "bundle-unreadable", "label": "shop-0"})
    replace_an_instance(cloud)
    wait_until(lambda: ("shop-0", "Failed") in deployments(cloud), "the first command fails")


def test_a_changed_setting_does_not_repair_an_instance_without_a_version(cloud: Cloud) -> None:
    delete_bundle(cloud)
    replace_an_instance(cloud)
    wait_until(lambda: ("shop-0", "Failed") in deployments(cloud), "the first command fails")
    update(cloud, ("aws:elasticbeanstalk:application:environment", "COLOUR", "green"))
    cloud.settle()
    assert deployments(cloud) == [("shop-0", "Deployed"), ("shop-0", "Failed")]


def test_a_deployment_replaces_the_first_command_of_an_added_instance(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(speed=100.0)
    cloud.configure(DeploymentPolicy="AllAtOnce")
    update(cloud, (ASG, "MinSize", "3"))
    cloud.settle()
    cloud.version("v-1")
    cloud.faults.add({"fault": "deploy-fails-command", "environment": NAME, "times": 1})
    cloud.update(VersionLabel="v-1")
    cloud.settle()
    launched_at = state(cloud).instances[2].launched_at
    wait_until(lambda: cloud.beanstalk.clock.seconds_since(launched_at) > 200, "the instance has booted")
    assert deployments(cloud) == [("v-1", "Failed")] * 3


@pytest.mark.parametrize(
    ("policy", "left"), [("Immutable", [("shop-0", "Deployed")] * 2), ("", [("shop-0", "Failed")] * 2)]
)
def test_an_update_that_replaces_instances_fails_without_the_bundle(
    cloud: Cloud, policy: str, left: list[tuple[str, str]]
) -> None:
    if policy:
        update(cloud, (ROLLING, "RollingUpdateType", policy), (ROLLING, "RollingUpdateEnabled", "true"))
        cloud.settle()
    before = {each["InstanceId"] for each in cloud.instances()}
    delete_bundle(cloud)
    request_id = update(cloud, (LAUNCH, "EC2KeyName", "another"))
    cloud.settle()
    texts = [text for _, text in cloud.messages(request_id)]
    assert "Failed to deploy configuration." in texts
    assert "Environment update completed successfully." not in texts
    assert deployments(cloud) == left
    assert (before == {each["InstanceId"] for each in cloud.instances()}) == bool(policy)


def test_an_environment_is_ready_with_its_new_label_one_second_after_the_last_event(
    make_cloud: Callable[..., Cloud],
) -> None:
    cloud = make_cloud(speed=100.0)
    text, seen = "Environment update completed successfully.", list[tuple[Any, ...]]()

    def emit(envelope: dict[str, Any]) -> None:
        with cloud.beanstalk.lock:
            if envelope["detail"]["Message"] == text:
                now = state(cloud)
                seen.append((now.status, now.version_label, now.abortable_operation_in_progress))

    cloud.configure(DeploymentPolicy="AllAtOnce")
    cloud.beanstalk.emit = emit
    cloud.version("v-1")
    request_id = cloud.deploy("v-1")
    assert seen == [("Updating", "shop-0", False)]
    [last, *_] = cloud.eb.describe_events(RequestId=request_id)["Events"]
    after = cloud.environment()
    assert (last["Message"], after["VersionLabel"]) == (text, "v-1")
    assert after["DateUpdated"] - last["EventDate"] >= timedelta(milliseconds=9)
