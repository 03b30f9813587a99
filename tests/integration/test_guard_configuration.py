"""If somebody changes the instance type without Wardrop, the guard reports the change in time, or aborts the update."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from local.cloud import Cloud
from tests.integration.shop import APPLICATION, PROD, STAGING, Shop

CONFIGURATION = f"environments: [{{name: {STAGING}}}, {{name: {PROD}, guard: abort}}]"
LAUNCH = "aws:autoscaling:launchconfiguration"


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    """A slow stand-in, so that time passes between the start of an update and its first effect."""
    with Cloud(speed=15) as running:
        yield running


@pytest.fixture
def guarded(shop: Shop) -> Shop:
    """The guard has recorded the settings of both environments."""
    shop.configure(APPLICATION, CONFIGURATION)
    shop.cloud.eventually(lambda: {STAGING, PROD} <= shop.ledger.environments.active().with_settings.keys())
    return shop


def change_instance_type(shop: Shop, environment: str, instance_type: str) -> None:
    setting = {"Namespace": LAUNCH, "OptionName": "InstanceType", "Value": instance_type}
    shop.beanstalk.update_environment(EnvironmentName=environment, OptionSettings=[setting])


def instances(shop: Shop, environment: str) -> set[str]:
    answer = shop.beanstalk.describe_instances_health(EnvironmentName=environment, AttributeNames=["Deployment"])
    return {instance["InstanceId"] for instance in answer["InstanceHealthList"]}


def instance_type(shop: Shop, environment: str) -> str:
    options = shop.beanstalk.describe_configuration_settings(ApplicationName=APPLICATION, EnvironmentName=environment)[
        "ConfigurationSettings"
    ][0]["OptionSettings"]
    return next(str(option["Value"]) for option in options if option["OptionName"] == "InstanceType")


def is_ready(shop: Shop, environment: str) -> bool:
    return bool(shop.environment(environment)["Status"] == "Ready")


def publications(shop: Shop) -> list[Any]:
    return [call for call in shop.calls() if (call["service"], call["action"]) == ("sns", "Publish")]


def test_a_change_of_the_instance_type_is_reported_before_the_first_instance_is_removed(guarded: Shop) -> None:
    before = len(publications(guarded))
    change_instance_type(guarded, STAGING, "m5.large")
    guarded.cloud.eventually(lambda: guarded.alerts(kind="instances_being_replaced", environment=STAGING))
    [alert] = guarded.cloud.eventually(lambda: publications(guarded)[before:])
    guarded.cloud.eventually(lambda: is_ready(guarded, STAGING))
    events = guarded.beanstalk.describe_events(EnvironmentName=STAGING)["Events"]
    removals = [event["EventDate"] for event in events if event["Message"].startswith("Removed instance")]
    assert datetime.fromisoformat(alert["time"]) < min(removals)


def test_with_guard_abort_the_update_is_stopped_and_nothing_is_replaced(guarded: Shop) -> None:
    fleet, type_before = instances(guarded, PROD), instance_type(guarded, PROD)
    change_instance_type(guarded, PROD, "m5.large")
    guarded.cloud.eventually(lambda: guarded.alerts(kind="update_aborted", environment=PROD))
    guarded.cloud.eventually(lambda: is_ready(guarded, PROD))
    assert (instances(guarded, PROD), instance_type(guarded, PROD)) == (fleet, type_before)
    aborts = [call["principal"] for call in guarded.calls() if call["action"] == "AbortEnvironmentUpdate"]
    assert aborts == ["AdvanceDeployment"]
    assert guarded.alert_kinds(environment=PROD) == ["instances_being_replaced", "update_aborted"]
