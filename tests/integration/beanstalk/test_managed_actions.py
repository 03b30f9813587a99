"""Managed platform updates: their schedule, their effect, and their history."""

from typing import Any

from .conftest import Cloud, refused

NAME = {"EnvironmentName": "shop-old"}
MANAGED = "aws:elasticbeanstalk:managedactions"
SUPERSEDED = "64bit Amazon Linux 2023 v5.3.0 running Tomcat 10 Corretto 21"


def superseded(cloud: Cloud) -> dict[str, Any]:
    """Creates an environment with a superseded platform version, and returns its scheduled action."""
    settings = {"ManagedActionsEnabled": "true", "PreferredStartTime": "Tue:09:00"}
    options = [{"Namespace": MANAGED, "OptionName": name, "Value": settings[name]} for name in settings]
    cloud.eb.create_environment(**NAME, ApplicationName="shop", SolutionStackName=SUPERSEDED, OptionSettings=options)
    cloud.settle("shop-old")
    [action] = cloud.eb.describe_environment_managed_actions(**NAME, Status="Scheduled")["ManagedActions"]
    return dict(action)


def test_an_update_is_scheduled_in_the_weekly_window(cloud: Cloud) -> None:
    window = superseded(cloud)["WindowStartTime"]
    assert (window.weekday(), window.hour, window.minute) == (1, 9, 0)
    assert window > cloud.environment("shop-old")["DateUpdated"]


def test_no_update_is_scheduled_for_the_newest_version_or_without_managed_updates(cloud: Cloud) -> None:
    assert cloud.eb.describe_environment_managed_actions(EnvironmentName="shop-prod")["ManagedActions"] == []
    cloud.eb.create_environment(**NAME, ApplicationName="shop", SolutionStackName=SUPERSEDED)
    cloud.settle("shop-old")
    assert cloud.eb.describe_environment_managed_actions(**NAME)["ManagedActions"] == []


def test_an_applied_action_replaces_the_instances_and_is_in_the_history(cloud: Cloud) -> None:
    action, before = superseded(cloud)["ActionId"], {each["InstanceId"] for each in cloud.instances("shop-old")}
    assert cloud.eb.apply_environment_managed_action(**NAME, ActionId=action)["Status"] == "Running"
    [running] = cloud.eb.describe_environment_managed_actions(**NAME)["ManagedActions"]
    assert running["Status"] == "Running"
    environment = cloud.settle("shop-old")
    assert environment["SolutionStackName"] == SUPERSEDED.replace("v5.3.0", "v5.7.0")
    assert before.isdisjoint(each["InstanceId"] for each in cloud.instances("shop-old"))
    [item] = cloud.eb.describe_environment_managed_action_history(**NAME)["ManagedActionHistoryItems"]
    assert (item["ActionId"], item["Status"]) == (action, "Completed")
    assert item["ExecutedTime"] < item["FinishedTime"]
    assert ("INFO", "Managed platform update is in-progress.") in cloud.messages(EnvironmentName="shop-old")
    assert cloud.eb.describe_environment_managed_actions(**NAME)["ManagedActions"] == []


def test_an_update_that_fails_is_reported_as_a_managed_update_too(cloud: Cloud) -> None:
    action = superseded(cloud)["ActionId"]
    cloud.faults.add({"fault": "deploy-fails-command", "times": 1})
    cloud.eb.apply_environment_managed_action(**NAME, ActionId=action)
    assert cloud.settle("shop-old")["SolutionStackName"] == SUPERSEDED
    messages = cloud.messages(EnvironmentName="shop-old")
    assert ("ERROR", "Failed to deploy configuration.") in messages
    assert ("INFO", "Managed update failed, retrying in 60 minutes.") in messages


def test_only_a_scheduled_action_is_applied(cloud: Cloud) -> None:
    call = cloud.eb.apply_environment_managed_action
    assert refused(call, EnvironmentName="shop-prod", ActionId="none")[0] == "ManagedActionInvalidStateException"
