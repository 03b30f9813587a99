"""Updates of settings: what they replace, how many serve meanwhile, and the draft that a failed one leaves."""

from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Cloud, refused, wait_until
from .test_policies import FLEET, PROD, ids, serving

LAUNCH, ROLLING = "aws:autoscaling:launchconfiguration", "aws:autoscaling:updatepolicy:rollingupdate"
ASG = "aws:autoscaling:asg"
BIGGER = (LAUNCH, "EC2KeyName", "another")


def options(*given: tuple[str, str, str]) -> list[dict[str, str]]:
    return [{"Namespace": space, "OptionName": name, "Value": value} for space, name, value in given]


def update(cloud: Cloud, *given: tuple[str, str, str]) -> str:
    request_id = cloud.update(PROD, OptionSettings=options(*given))
    cloud.settle(PROD)
    return request_id


def drafts(cloud: Cloud) -> list[str]:
    found = cloud.eb.describe_configuration_settings(ApplicationName="shop", EnvironmentName=PROD)
    return [settings["DeploymentStatus"] for settings in found["ConfigurationSettings"]]


@pytest.mark.parametrize(
    ("policy", "fewest"),
    [
        ([], 0),
        ([(ROLLING, "RollingUpdateEnabled", "true"), (ROLLING, "RollingUpdateType", "Health")], 2),
        ([(ROLLING, "RollingUpdateEnabled", "true"), (ROLLING, "RollingUpdateType", "Immutable")], FLEET),
    ],
)
def test_a_changed_launch_setting_replaces_every_instance_as_the_policy_says(
    make_cloud: Callable[..., Cloud], policy: list[Any], fewest: int
) -> None:
    cloud = make_cloud(speed=1500.0)
    if policy:
        update(cloud, *policy)
    before, least = ids(cloud), FLEET
    cloud.update(PROD, OptionSettings=options(BIGGER))

    def over() -> bool:
        nonlocal least
        least = min(least, serving(cloud))
        return bool(cloud.environment(PROD)["Status"] == "Ready")

    wait_until(over, "it is configured")
    assert not before & ids(cloud)
    assert (len(ids(cloud)), serving(cloud)) == (FLEET, FLEET)
    assert least >= fewest
    assert (least == 0) == (fewest == 0)


def test_an_unchanged_setting_replaces_no_instance(cloud: Cloud) -> None:
    update(cloud, BIGGER)
    before = ids(cloud)
    update(cloud, BIGGER)
    assert ids(cloud) == before


def test_a_move_to_another_vpc_replaces_the_load_balancer(cloud: Cloud) -> None:
    before = cloud.environment(PROD)["EndpointURL"]
    request_id = update(cloud, ("aws:ec2:vpc", "VPCId", "vpc-2"))
    texts = [text for _, text in cloud.messages(request_id)]
    assert any(text.startswith("Deleted load balancer named: ") for text in texts)
    assert any(text.startswith("Created load balancer named: ") for text in texts)
    assert cloud.environment(PROD)["EndpointURL"] != before


def test_a_failed_update_is_reverted_and_its_draft_stays_until_it_is_deleted(cloud: Cloud) -> None:
    before = ids(cloud)
    cloud.faults.add({"fault": "deploy-fails-command", "environment": PROD, "times": 1})
    request_id = update(cloud, BIGGER)
    messages = cloud.messages(request_id)
    assert messages[-2:] == [
        ("ERROR", "Failed to deploy configuration."),
        ("INFO", "The environment was reverted to the previous configuration setting."),
    ]
    assert ids(cloud) == before
    assert drafts(cloud) == ["deployed", "failed"]
    cloud.eb.delete_environment_configuration(ApplicationName="shop", EnvironmentName=PROD)
    assert drafts(cloud) == ["deployed"]


def test_settings_that_are_being_changed_are_a_pending_draft(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(speed=600.0)
    cloud.update(PROD, OptionSettings=options(BIGGER))
    wait_until(lambda: drafts(cloud) == ["deployed", "pending"], "there is a draft")
    cloud.settle(PROD)
    assert drafts(cloud) == ["deployed"]


def test_a_terminated_environment_is_listed_for_an_hour_and_its_name_is_free(cloud: Cloud) -> None:
    gone = cloud.eb.terminate_environment(EnvironmentName=PROD)
    assert gone["Status"] == "Terminating"

    def listed(**wanted: Any) -> list[str]:
        found = cloud.eb.describe_environments(EnvironmentNames=[PROD], **wanted)["Environments"]
        return [environment["Status"] for environment in found]

    wait_until(lambda: listed() == ["Terminated"], "it is terminated")
    assert listed(IncludeDeleted=False) == []
    texts = [text for _, text in cloud.messages(EnvironmentId=gone["EnvironmentId"])]
    assert texts[-1] == "terminateEnvironment completed successfully."
    stack = gone["SolutionStackName"]
    cloud.eb.create_environment(ApplicationName="shop", EnvironmentName=PROD, SolutionStackName=stack)
    assert "Launching" in listed(IncludeDeleted=False)


def test_a_cname_swap_updates_both_environments(cloud: Cloud) -> None:
    one, other = cloud.environment()["CNAME"], cloud.environment(PROD)["CNAME"]
    cloud.eb.swap_environment_cnames(SourceEnvironmentName="shop-staging", DestinationEnvironmentName=PROD)
    wait_until(lambda: cloud.environment()["Status"] == cloud.environment(PROD)["Status"] == "Ready", "both are Ready")
    wait_until(lambda: (cloud.environment()["CNAME"], cloud.environment(PROD)["CNAME"]) == (other, one), "swapped")


def rolling(**more: str) -> list[tuple[str, str, str]]:
    return [(ROLLING, name, value) for name, value in ({"RollingUpdateEnabled": "true"} | more).items()]


def fleet_while(cloud: Cloud, *given: tuple[str, str, str]) -> tuple[int, int]:
    """The fewest that served, and the most instances there were, during an update."""
    fewest, most = FLEET, 0
    cloud.update(PROD, OptionSettings=options(*given))

    def over() -> bool:
        nonlocal fewest, most
        fewest, most = min(fewest, serving(cloud)), max(most, len(ids(cloud)))
        return bool(cloud.environment(PROD)["Status"] == "Ready")

    wait_until(over, "it is configured")
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
def test_the_minimum_stays_in_service_and_capacity_is_raised_if_that_leaves_no_room(
    make_cloud: Callable[..., Cloud], policy: list[Any], sizes: dict[str, str], fewest: int, most: int
) -> None:
    cloud = make_cloud(speed=1000.0)
    update(cloud, *policy, *((ASG, name, value) for name, value in sizes.items()))
    before = ids(cloud)
    assert fleet_while(cloud, BIGGER) == (fewest, most)
    assert not before & ids(cloud)
    assert (len(ids(cloud)), serving(cloud)) == (FLEET, FLEET)


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
    found = cloud.eb.describe_configuration_settings(ApplicationName="shop", EnvironmentName=PROD)
    [settings] = found["ConfigurationSettings"]
    enabled = {"Namespace": ROLLING, "OptionName": "RollingUpdateEnabled", "Value": "true"}
    assert enabled in settings["OptionSettings"]


def test_an_unhealthy_batch_is_rolled_back_by_another_rolling_update(cloud: Cloud) -> None:
    update(cloud, *rolling(RollingUpdateType="Health"))
    before = ids(cloud)
    cloud.faults.add({"fault": "deploy-fails-health", "environment": PROD, "batch": 2, "times": 1})
    request_id = update(cloud, BIGGER)
    texts = [text for _, text in cloud.messages(request_id)]
    assert texts[-1] == "The environment was reverted to the previous configuration setting."
    assert any("aborted operation. Current state: 'UPDATE_ROLLBACK_IN_PROGRESS'" in text for text in texts)
    assert 0 < len(before & ids(cloud)) < FLEET
    assert (len(ids(cloud)), serving(cloud)) == (FLEET, FLEET)
    assert drafts(cloud) == ["deployed", "failed"]


def test_a_rollback_that_fails_leaves_a_mixed_and_unhealthy_fleet(cloud: Cloud) -> None:
    update(cloud, *rolling(RollingUpdateType="Health"))
    cloud.faults.add({"fault": "deploy-fails-health", "environment": PROD})
    request_id = update(cloud, BIGGER)
    assert cloud.messages(request_id)[-1] == ("ERROR", "Failed to deploy configuration.")
    assert cloud.environment(PROD)["Status"] == "Ready"
    assert serving(cloud) < FLEET
    wait_until(lambda: cloud.health(PROD)["Color"] in ("Yellow", "Red"), "it is told")


def test_an_immutable_update_that_fails_leaves_the_old_instances_alone(cloud: Cloud) -> None:
    update(cloud, (ROLLING, "RollingUpdateType", "Immutable"))
    before = ids(cloud)
    cloud.faults.add({"fault": "deploy-times-out", "environment": PROD, "times": 1})
    update(cloud, BIGGER)
    assert ids(cloud) == before
    assert drafts(cloud) == ["deployed", "failed"]


def test_an_aborted_replacement_is_rolled_back_in_the_same_way(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(speed=600.0)
    update(cloud, *rolling(RollingUpdateType="Health"))
    before = ids(cloud)
    request_id = cloud.update(PROD, OptionSettings=options(BIGGER))
    wait_until(lambda: before - ids(cloud), "an instance is replaced")
    cloud.eb.abort_environment_update(EnvironmentName=PROD)
    cloud.settle(PROD)
    assert cloud.messages(request_id)[-1][1] == "The environment was reverted to the previous configuration setting."
    assert (len(ids(cloud)), serving(cloud), drafts(cloud)) == (FLEET, FLEET, ["deployed"])


def test_an_immutable_update_together_with_the_load_balancer_is_refused(cloud: Cloud) -> None:
    update(cloud, (ROLLING, "RollingUpdateType", "Immutable"))
    given = options(BIGGER, ("aws:elbv2:loadbalancer", "IdleTimeout", "30"))
    code, _, status = refused(cloud.update, name=PROD, OptionSettings=given)
    assert (code, status) == ("ConfigurationValidationException", 400)
    assert cloud.environment(PROD)["Status"] == "Ready"
    update(cloud, BIGGER)
    update(cloud, ("aws:elbv2:loadbalancer", "IdleTimeout", "30"))


def test_another_platform_version_replaces_every_instance(cloud: Cloud) -> None:
    before, another = ids(cloud), "64bit Amazon Linux 2023 v5.7.0 running Tomcat 11 Corretto 17"
    cloud.update(PROD, SolutionStackName=another)
    cloud.settle(PROD)
    assert not before & ids(cloud)
    assert cloud.environment(PROD)["SolutionStackName"] == another


def test_the_first_of_several_instance_types_is_launched(cloud: Cloud) -> None:
    update(cloud, (LAUNCH, "InstanceType", "t3.small"))
    assert {each["InstanceType"] for each in cloud.instances(PROD)} == {"t3.small"}
    update(cloud, ("aws:ec2:instances", "InstanceTypes", "t3.large, t3.small"))
    assert {each["InstanceType"] for each in cloud.instances(PROD)} == {"t3.large"}
