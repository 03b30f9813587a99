"""Updates of settings: the resources that they replace, the instances in service, and the draft after a failure."""

from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Cloud, refused, wait_until
from .test_policies import FLEET, PROD, instance_ids, serving_count

LAUNCH, ROLLING = "aws:autoscaling:launchconfiguration", "aws:autoscaling:updatepolicy:rollingupdate"
ASG = "aws:autoscaling:asg"
BIGGER = (LAUNCH, "EC2KeyName", "another")


def options(*given: tuple[str, str, str]) -> list[dict[str, str]]:
    return [{"Namespace": space, "OptionName": name, "Value": value} for space, name, value in given]


def update(cloud: Cloud, *given: tuple[str, str, str]) -> str:
    request_id = cloud.update(PROD, OptionSettings=options(*given))
    cloud.settle(PROD)
    return request_id


def deployment_statuses(cloud: Cloud) -> list[str]:
    described = cloud.eb.describe_configuration_settings(ApplicationName="shop", EnvironmentName=PROD)
    return [settings["DeploymentStatus"] for settings in described["ConfigurationSettings"]]


@pytest.mark.parametrize(
    ("policy", "fewest"),
    [
        ([], 0),
        ([(ROLLING, "RollingUpdateEnabled", "true"), (ROLLING, "RollingUpdateType", "Health")], 2),
        ([(ROLLING, "RollingUpdateEnabled", "true"), (ROLLING, "RollingUpdateType", "Immutable")], FLEET),
    ],
)
def test_a_changed_launch_setting_replaces_every_instance_by_the_policy(
    make_cloud: Callable[..., Cloud], policy: list[Any], fewest: int
) -> None:
    cloud = make_cloud(speed=1500.0)
    if policy:
        update(cloud, *policy)
    before, least = instance_ids(cloud), FLEET
    cloud.update(PROD, OptionSettings=options(BIGGER))

    def has_ended() -> bool:
        nonlocal least
        least = min(least, serving_count(cloud))
        return bool(cloud.environment(PROD)["Status"] == "Ready")

    wait_until(has_ended, "the update has ended")
    assert not before & instance_ids(cloud)
    assert (len(instance_ids(cloud)), serving_count(cloud)) == (FLEET, FLEET)
    assert least >= fewest
    assert (least == 0) == (fewest == 0)


def test_an_unchanged_setting_replaces_no_instance(cloud: Cloud) -> None:
    update(cloud, BIGGER)
    before = instance_ids(cloud)
    update(cloud, BIGGER)
    assert instance_ids(cloud) == before


def test_a_move_to_another_vpc_replaces_the_load_balancer(cloud: Cloud) -> None:
    before = cloud.environment(PROD)["EndpointURL"]
    request_id = update(cloud, ("aws:ec2:vpc", "VPCId", "vpc-2"))
    texts = [text for _, text in cloud.messages(request_id)]
    assert any(text.startswith("Deleted load balancer named: ") for text in texts)
    assert any(text.startswith("Created load balancer named: ") for text in texts)
    assert cloud.environment(PROD)["EndpointURL"] != before


def test_a_failed_update_is_reverted_and_its_draft_stays_until_it_is_deleted(cloud: Cloud) -> None:
    before = instance_ids(cloud)
    cloud.faults.add({"fault": "deploy-fails-command", "environment": PROD, "times": 1})
    request_id = update(cloud, BIGGER)
    messages = cloud.messages(request_id)
    assert messages[-2:] == [
        ("ERROR", "Failed to deploy configuration."),
        ("INFO", "The environment was reverted to the previous configuration setting."),
    ]
    assert instance_ids(cloud) == before
    assert deployment_statuses(cloud) == ["deployed", "failed"]
    cloud.eb.delete_environment_configuration(ApplicationName="shop", EnvironmentName=PROD)
    assert deployment_statuses(cloud) == ["deployed"]


def test_settings_that_are_being_changed_are_a_pending_draft(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(speed=600.0)
    cloud.update(PROD, OptionSettings=options(BIGGER))
    wait_until(lambda: deployment_statuses(cloud) == ["deployed", "pending"], "there is a draft")
    cloud.settle(PROD)
    assert deployment_statuses(cloud) == ["deployed"]


def test_a_terminated_environment_is_listed_for_an_hour_and_its_name_is_free(cloud: Cloud) -> None:
    terminated = cloud.eb.terminate_environment(EnvironmentName=PROD)
    assert terminated["Status"] == "Terminating"

    def statuses(**wanted: Any) -> list[str]:
        listed = cloud.eb.describe_environments(EnvironmentNames=[PROD], **wanted)["Environments"]
        return [environment["Status"] for environment in listed]

    wait_until(lambda: statuses() == ["Terminated"], "the environment is terminated")
    assert statuses(IncludeDeleted=False) == []
    texts = [text for _, text in cloud.messages(EnvironmentId=terminated["EnvironmentId"])]
    assert texts[-1] == "terminateEnvironment completed successfully."
    stack = terminated["SolutionStackName"]
    cloud.eb.create_environment(ApplicationName="shop", EnvironmentName=PROD, SolutionStackName=stack)
    assert "Launching" in statuses(IncludeDeleted=False)


def test_a_cname_swap_updates_both_environments(cloud: Cloud) -> None:
    staging_cname, prod_cname = cloud.environment()["CNAME"], cloud.environment(PROD)["CNAME"]
    cloud.eb.swap_environment_cnames(SourceEnvironmentName="shop-staging", DestinationEnvironmentName=PROD)
    wait_until(lambda: cloud.environment()["Status"] == cloud.environment(PROD)["Status"] == "Ready", "both are Ready")
    swapped = (prod_cname, staging_cname)
    wait_until(lambda: (cloud.environment()["CNAME"], cloud.environment(PROD)["CNAME"]) == swapped, "the swap")


def rolling(**more: str) -> list[tuple[str, str, str]]:
    return [(ROLLING, name, value) for name, value in ({"RollingUpdateEnabled": "true"} | more).items()]


def update_and_count(cloud: Cloud, *given: tuple[str, str, str]) -> tuple[int, int]:
    """Updates options. Returns the smallest number of serving instances and the largest number of all meanwhile."""
    fewest, most = FLEET, 0
    cloud.update(PROD, OptionSettings=options(*given))

    def has_ended() -> bool:
        nonlocal fewest, most
        fewest, most = min(fewest, serving_count(cloud)), max(most, len(instance_ids(cloud)))
        return bool(cloud.environment(PROD)["Status"] == "Ready")

    wait_until(has_ended, "the update has ended")
    return fewest, most


@pytest.mark.parametrize(
    ("policy", "sizes", "fewest", "most"),
    [
        (rolling(), {}, 3, 4),
        (rolling(MinInstancesInService="2"), {}, 2, 4),
        (rolling(MinInstancesInService="0", MaxBatchSize="4"), {}, 0, 4),
        (rolling(MinInstancesInService="4"), {"MaxSize": "6"}, 4, 6),
        (rolling(RollingUpdateType="Health", MinInstancesInService="4"), {"MaxSize": "5"}, 4, 5),
    ],
)
def test_the_minimum_stays_in_service_and_capacity_is_raised_if_necessary(
    make_cloud: Callable[..., Cloud], policy: list[Any], sizes: dict[str, str], fewest: int, most: int
) -> None:
    cloud = make_cloud(speed=1000.0)
    update(cloud, *policy, *((ASG, name, value) for name, value in sizes.items()))
    before = instance_ids(cloud)
    assert update_and_count(cloud, BIGGER) == (fewest, most)
    assert not before & instance_ids(cloud)
    assert (len(instance_ids(cloud)), serving_count(cloud)) == (FLEET, FLEET)


def test_a_time_based_rolling_update_pauses_between_batches_and_ignores_health(
    make_cloud: Callable[..., Cloud],
) -> None:
    cloud = make_cloud(speed=2000.0)
    update(cloud, *rolling(PauseTime="PT10M"))
    cloud.faults.add({"fault": "deploy-fails-health", "environment": PROD})
    request_id = update(cloud, BIGGER)
    events = cloud.eb.describe_events(RequestId=request_id)["Events"]
    took = (events[0]["EventDate"] - events[-1]["EventDate"]).total_seconds() * 2000
    assert 4 * 600 < took < 4 * 600 * 3
    assert events[0]["Message"] == "Environment update completed successfully."


def test_setting_a_batch_size_turns_rolling_updates_on(cloud: Cloud) -> None:
    update(cloud, (ROLLING, "MaxBatchSize", "1"))
    described = cloud.eb.describe_configuration_settings(ApplicationName="shop", EnvironmentName=PROD)
    [settings] = described["ConfigurationSettings"]
    enabled = {"Namespace": ROLLING, "OptionName": "RollingUpdateEnabled", "Value": "true"}
    assert enabled in settings["OptionSettings"]


def test_an_unhealthy_batch_is_rolled_back_by_another_rolling_update(cloud: Cloud) -> None:
    update(cloud, *rolling(RollingUpdateType="Health"))
    before = instance_ids(cloud)
    cloud.faults.add({"fault": "deploy-fails-health", "environment": PROD, "batch": 2, "times": 1})
    request_id = update(cloud, BIGGER)
    texts = [text for _, text in cloud.messages(request_id)]
    assert texts[-1] == "The environment was reverted to the previous configuration setting."
    assert any("aborted operation. Current state: 'UPDATE_ROLLBACK_IN_PROGRESS'" in text for text in texts)
    assert 0 < len(before & instance_ids(cloud)) < FLEET
    assert (len(instance_ids(cloud)), serving_count(cloud)) == (FLEET, FLEET)
    assert deployment_statuses(cloud) == ["deployed", "failed"]


def test_a_rollback_that_fails_leaves_a_mixed_and_unhealthy_fleet(cloud: Cloud) -> None:
    update(cloud, *rolling(RollingUpdateType="Health"))
    cloud.faults.add({"fault": "deploy-fails-health", "environment": PROD})
    request_id = update(cloud, BIGGER)
    assert cloud.messages(request_id)[-1] == ("ERROR", "Failed to deploy configuration.")
    assert cloud.environment(PROD)["Status"] == "Ready"
    assert serving_count(cloud) < FLEET
    wait_until(lambda: cloud.health(PROD)["Color"] in ("Yellow", "Red"), "the health is bad")


def test_an_immutable_update_that_fails_leaves_the_old_instances_alone(cloud: Cloud) -> None:
    update(cloud, (ROLLING, "RollingUpdateType", "Immutable"))
    before = instance_ids(cloud)
    cloud.faults.add({"fault": "deploy-times-out", "environment": PROD, "times": 1})
    update(cloud, BIGGER)
    assert instance_ids(cloud) == before
    assert deployment_statuses(cloud) == ["deployed", "failed"]


def test_an_aborted_replacement_is_rolled_back_in_the_same_way(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(speed=600.0)
    update(cloud, *rolling(RollingUpdateType="Health"))
    before = instance_ids(cloud)
    request_id = cloud.update(PROD, OptionSettings=options(BIGGER))
    wait_until(lambda: before - instance_ids(cloud), "an instance is replaced")
    cloud.eb.abort_environment_update(EnvironmentName=PROD)
    cloud.settle(PROD)
    assert cloud.messages(request_id)[-1][1] == "The environment was reverted to the previous configuration setting."
    assert (len(instance_ids(cloud)), serving_count(cloud), deployment_statuses(cloud)) == (FLEET, FLEET, ["deployed"])


def test_an_immutable_update_together_with_the_load_balancer_is_refused(cloud: Cloud) -> None:
    update(cloud, (ROLLING, "RollingUpdateType", "Immutable"))
    given = options(BIGGER, ("aws:elbv2:loadbalancer", "IdleTimeout", "30"))
    code, _, status = refused(cloud.update, name=PROD, OptionSettings=given)
    assert (code, status) == ("ConfigurationValidationException", 400)
    assert cloud.environment(PROD)["Status"] == "Ready"
    update(cloud, BIGGER)
    update(cloud, ("aws:elbv2:loadbalancer", "IdleTimeout", "30"))


def test_another_platform_version_replaces_every_instance(cloud: Cloud) -> None:
    before, another = instance_ids(cloud), "64bit Amazon Linux 2023 v5.7.0 running Tomcat 11 Corretto 17"
    cloud.update(PROD, SolutionStackName=another)
    cloud.settle(PROD)
    assert not before & instance_ids(cloud)
    assert cloud.environment(PROD)["SolutionStackName"] == another


def test_the_first_of_several_instance_types_is_launched(cloud: Cloud) -> None:
    update(cloud, (LAUNCH, "InstanceType", "t3.small"))
    assert {each["InstanceType"] for each in cloud.instances(PROD)} == {"t3.small"}
    update(cloud, ("aws:ec2:instances", "InstanceTypes", "t3.large, t3.small"))
    assert {each["InstanceType"] for each in cloud.instances(PROD)} == {"t3.large"}
