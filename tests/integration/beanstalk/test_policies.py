"""The deployment policies: the instances in service during a deployment, and the fleet after a failure."""

import re
from collections.abc import Callable

import pytest

from local.beanstalk.options import COMMAND
from local.beanstalk.policies import POLICIES
from local.beanstalk.tables import table

from .conftest import Cloud, refused, wait_until
from .test_rolling import MIXED_FLEET, UNANSWERING

PROD, FLEET = "shop-prod", 4
UNDO_THEMSELVES = ("Immutable", "TrafficSplitting")
INSTANCES = "Instance id(s) '"


def labels(cloud: Cloud) -> list[str]:
    return sorted(instance["Deployment"]["VersionLabel"] for instance in cloud.instances(PROD))


def instance_ids(cloud: Cloud) -> set[str]:
    return {instance["InstanceId"] for instance in cloud.instances(PROD)}


def serving_count(cloud: Cloud) -> int:
    """The number of instances that get requests from the load balancer and answer."""
    [backend] = cloud.beanstalk.backends.values()
    with cloud.beanstalk.lock:
        return sum(each.in_service and each.answers for each in backend.environments[PROD].instances)


def deploy_and_count(cloud: Cloud, label: str) -> int:
    """Deploys a version. Returns the smallest number of serving instances meanwhile."""
    fewest = serving_count(cloud)
    cloud.update(PROD, VersionLabel=label)

    def has_ended() -> bool:
        nonlocal fewest
        fewest = min(fewest, serving_count(cloud))
        return bool(cloud.environment(PROD)["Status"] == "Ready")

    wait_until(has_ended, f"{label} is deployed")
    return fewest


@pytest.mark.parametrize(
    ("policy", "fewest"),
    [
        ("AllAtOnce", 0),
        ("Rolling", FLEET - 1),
        ("RollingWithAdditionalBatch", FLEET),
        ("Immutable", FLEET),
        ("TrafficSplitting", FLEET),
    ],
)
def test_every_instance_runs_the_version_and_enough_instances_serve_meanwhile(
    make_cloud: Callable[..., Cloud], policy: str, fewest: int
) -> None:
    cloud = make_cloud(speed=1500.0)
    cloud.configure(PROD, DeploymentPolicy=policy)
    before = instance_ids(cloud)
    cloud.version("v-1")
    assert deploy_and_count(cloud, "v-1") >= fewest
    assert labels(cloud) == ["v-1"] * FLEET
    assert serving_count(cloud) == FLEET
    assert cloud.environment(PROD)["VersionLabel"] == "v-1"
    assert {instance["Deployment"]["DeploymentId"] for instance in cloud.instances(PROD)} == {2}
    if policy in UNDO_THEMSELVES:
        assert not before & instance_ids(cloud)
    else:
        assert before == instance_ids(cloud)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("deploy-fails-command", "Unsuccessful command execution on instance id(s) '"),
        ("deploy-fails-health", INSTANCES),
        ("deploy-times-out", "Unsuccessful command execution on instance id(s) '"),
    ],
)
def test_after_a_failure_the_environment_is_ready_with_the_old_label(
    cloud: Cloud, policy: str, fault: str, error: str
) -> None:
    cloud.configure(PROD, DeploymentPolicy=policy)
    before = instance_ids(cloud)
    cloud.version("v-1")
    cloud.faults.add({"fault": fault, "environment": PROD, "times": 1})
    request_id = cloud.deploy("v-1", PROD)
    assert (cloud.environment(PROD)["VersionLabel"], cloud.environment(PROD)["Status"]) == ("shop-0", "Ready")
    messages = cloud.messages(request_id)
    assert ("ERROR", "Failed to deploy application.") in messages
    assert any(text.startswith(error) for severity, text in messages if severity == "ERROR")
    untouched = policy in (*UNDO_THEMSELVES, "RollingWithAdditionalBatch")
    assert (labels(cloud) == ["shop-0"] * FLEET) == untouched
    assert (("ERROR", MIXED_FLEET) in messages) != untouched
    assert instance_ids(cloud) == before


@pytest.mark.parametrize("policy", POLICIES)
def test_another_deployment_of_the_version_repairs_a_mixed_fleet(cloud: Cloud, policy: str) -> None:
    cloud.configure(PROD, DeploymentPolicy=policy)
    cloud.version("v-1")
    cloud.faults.add({"fault": "deploy-fails-command", "environment": PROD, "batch": 2, "times": 1})
    cloud.deploy("v-1", PROD)
    cloud.deploy("shop-0", PROD)
    assert labels(cloud) == ["shop-0"] * FLEET
    deployed = {instance["Deployment"]["DeploymentId"] for instance in cloud.instances(PROD)}
    assert deployed == {3}


@pytest.mark.parametrize("policy", UNDO_THEMSELVES)
def test_an_abort_removes_the_new_instances(make_cloud: Callable[..., Cloud], policy: str) -> None:
    cloud = make_cloud(speed=600.0)
    cloud.configure(PROD, DeploymentPolicy=policy)
    before = instance_ids(cloud)
    cloud.version("v-1")
    request_id = cloud.update(PROD, VersionLabel="v-1")
    wait_until(lambda: instance_ids(cloud) - before, "new instances are launched")
    cloud.eb.abort_environment_update(EnvironmentName=PROD)
    cloud.settle(PROD)
    assert instance_ids(cloud) == before
    assert labels(cloud) == ["shop-0"] * FLEET
    assert ("ERROR", MIXED_FLEET) not in cloud.messages(request_id)


def test_once_old_instances_are_terminated_an_immutable_deployment_cannot_be_aborted(
    make_cloud: Callable[..., Cloud],
) -> None:
    cloud = make_cloud(speed=600.0)
    cloud.configure(PROD, DeploymentPolicy="Immutable")
    cloud.version("v-1")
    request_id = cloud.update(PROD, VersionLabel="v-1")
    last = "Deployment succeeded. Terminating old instances and temporary Auto Scaling group."
    wait_until(lambda: ("INFO", last) in cloud.messages(request_id), last)
    code, text, _ = refused(cloud.eb.abort_environment_update, EnvironmentName=PROD)
    assert (code, "Must be pending deployment." in text) == ("InvalidParameterValue", True)
    cloud.settle(PROD)


def test_an_immutable_deployment_has_the_events_of_public_logs(cloud: Cloud) -> None:
    cloud.configure(PROD, DeploymentPolicy="Immutable")
    cloud.version("v-1")
    texts = [text for _, text in cloud.messages(cloud.deploy("v-1", PROD))]
    steps = [
        "Environment update is starting.",
        "Immutable deployment policy enabled. Launching one instance with the new settings to verify health.",
        "Created temporary auto scaling group awseb-e-",
        "Instance deployment completed successfully.",
        "Adding new instance(s) (i-",
        "Waiting for instance(s) (i-",
        "Test instance passed health checks. Launching remaining new instances.",
        "Successfully launched all instances.",
        "Detached new instance(s) from temporary auto scaling group awseb-e-",
        "Attached new instance(s) to the permanent auto scaling group awseb-e-",
        "Starting post-deployment configuration on new instances.",
        "Waiting for post-deployment configuration to complete.",
        "Deployment succeeded. Terminating old instances and temporary Auto Scaling group.",
        "New application version was deployed to running EC2 instances.",
        "Environment update completed successfully.",
    ]
    places = [next(n for n, text in enumerate(texts) if text.startswith(step)) for step in steps]
    assert places == sorted(places)
    assert "Deploying new version to instance(s)." not in texts
    fleet = [text for _, text in cloud.messages() if "to your environment." in text or "from your environment." in text]
    assert [text.split(" [")[0] for text in fleet] == ["Added instance", "Added instances", "Removed instances"]


def test_an_additional_batch_is_announced_as_in_a_public_log(cloud: Cloud) -> None:
    cloud.configure(DeploymentPolicy="RollingWithAdditionalBatch", BatchSizeType="Fixed", BatchSize="1")
    cloud.version("v-1")
    texts = [text for _, text in cloud.messages(cloud.deploy("v-1"))]
    policy = (
        "Rolling with Additional Batch deployment policy enabled. Launching  a new batch of 1 additional instance(s)."
    )
    place = texts.index(policy)
    launched = r"Batch 1: 1 EC2 instance\(s\) \[i-[0-9a-f]+\] launched\. Deploying application version 'v-1'\."
    assert re.fullmatch(launched, texts[place + 1])
    assert texts[place + 2] == "Instance deployment completed successfully."


def test_instances_launched_with_a_bad_version_never_serve(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(speed=1500.0)
    cloud.configure(PROD, DeploymentPolicy="Immutable", Timeout="1")
    cloud.version("bad-1", UNANSWERING)
    assert deploy_and_count(cloud, "bad-1") == FLEET
    assert labels(cloud) == ["shop-0"] * FLEET


def test_every_policy_can_be_set(cloud: Cloud) -> None:
    assert set(table("options")[COMMAND]["DeploymentPolicy"]["ValueOptions"]) == set(POLICIES)
    code, text, _ = refused(cloud.configure, DeploymentPolicy="BlueGreen")
    assert code == "ConfigurationValidationException"
    assert "Value is not one of the allowed values: [AllAtOnce, Rolling, RollingWithAdditionalBatch" in text
