"""Updates of settings: what they replace, how many serve meanwhile, and the draft that a failed one leaves."""

from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Cloud, wait_until
from .test_policies import FLEET, PROD, ids, serving

LAUNCH, ROLLING = "aws:autoscaling:launchconfiguration", "aws:autoscaling:updatepolicy:rollingupdate"
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
def test_a_launch_setting_replaces_every_instance_as_the_policy_says(
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


def test_the_same_value_again_replaces_nothing(cloud: Cloud) -> None:
    update(cloud, BIGGER)
    before = ids(cloud)
    update(cloud, BIGGER)
    assert ids(cloud) == before


def test_a_move_to_another_vpc_takes_the_load_balancer_with_it(cloud: Cloud) -> None:
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


def test_what_is_being_changed_is_a_pending_draft(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(speed=600.0)
    cloud.update(PROD, OptionSettings=options(BIGGER))
    wait_until(lambda: drafts(cloud) == ["deployed", "pending"], "there is a draft")
    cloud.settle(PROD)
    assert drafts(cloud) == ["deployed"]


def test_an_environment_is_terminated_and_lingers_and_its_name_is_free(cloud: Cloud) -> None:
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


def test_addresses_are_swapped_and_both_wait_for_it(cloud: Cloud) -> None:
    one, other = cloud.environment()["CNAME"], cloud.environment(PROD)["CNAME"]
    cloud.eb.swap_environment_cnames(SourceEnvironmentName="shop-staging", DestinationEnvironmentName=PROD)
    wait_until(lambda: cloud.environment()["Status"] == cloud.environment(PROD)["Status"] == "Ready", "both are Ready")
    wait_until(lambda: (cloud.environment()["CNAME"], cloud.environment(PROD)["CNAME"]) == (other, one), "swapped")
