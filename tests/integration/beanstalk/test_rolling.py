"""Deployments of versions: the exact texts of their events, and the versions on the instances afterwards."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from local.beanstalk.instances import Instance, batches

from .conftest import Cloud, refused, wait_until
from .test_bundles import war

UNANSWERING = war({"WEB-INF/web.xml": "<web-app/>"})
MIXED_FLEET = (
    "During an aborted deployment, some instances may have deployed the new application version. "
    "To ensure all instances are running the same version, re-deploy the appropriate application version."
)


def running(cloud: Cloud, name: str = "shop-staging") -> list[tuple[str, int, str]]:
    deployments = [instance["Deployment"] for instance in cloud.instances(name)]
    return [(d["VersionLabel"], d["DeploymentId"], d["Status"]) for d in deployments]


def batch(number: int, instance: str, of: int) -> list[str]:
    """The events of a batch until its health check."""
    leave = "De-registering instance(s) from the load balancer and waiting for them to go out of service."
    join = "Registering instance(s) with the load balancer and waiting for them to be healthy. "
    return [
        f"Batch {number}: Starting application deployment on instance(s) [{instance}].",
        f"Batch {number}: {leave}",
        f"Batch {number}: Starting application deployment command execution.",
        "Instance deployment completed successfully.",
        f"Batch {number}: Completed application deployment command execution.",
        f"Command execution completed on {number} of {of} instances in environment.",
        f"Batch {number}: {join}",
    ]


def test_a_rolling_deployment_goes_batch_by_batch_and_changes_the_label_last(
    make_cloud: Callable[..., Cloud],
) -> None:
    cloud = make_cloud(speed=600.0)
    cloud.version("v-1")
    answer = cloud.eb.update_environment(EnvironmentName="shop-staging", VersionLabel="v-1")
    assert (answer["Status"], answer["VersionLabel"], answer["Health"]) == ("Updating", "v-1", "Grey")
    assert answer["AbortableOperationInProgress"] is True
    assert "HealthStatus" not in answer
    during = cloud.environment()
    assert (during["Status"], during["VersionLabel"]) == ("Updating", "shop-0")

    after = cloud.settle()
    assert (after["VersionLabel"], after["AbortableOperationInProgress"]) == ("v-1", False)
    assert after["DateUpdated"] > during["DateUpdated"]
    assert running(cloud) == [("v-1", 2, "Deployed")] * 2
    first, second = (instance["InstanceId"] for instance in cloud.instances())
    messages = cloud.messages(answer["ResponseMetadata"]["RequestId"])
    assert {severity for severity, _ in messages} == {"INFO"}
    assert [text for _, text in messages] == [
        "Environment update is starting.",
        "Deploying new version to instance(s).",
        *batch(1, first, 2),
        "Batch 1: Completed application deployment.",
        *batch(2, second, 2),
        "Batch 2: Completed application deployment.",
        "New application version was deployed to running EC2 instances.",
        "Environment update completed successfully.",
    ]


def test_an_unhealthy_batch_stops_the_deployment_and_leaves_a_mixed_fleet(cloud: Cloud) -> None:
    cloud.faults.add({"fault": "deploy-fails-health", "environment": "shop-prod", "batch": 2, "times": 1})
    cloud.version("v-1")
    request_id = cloud.deploy("v-1", "shop-prod")
    environment = cloud.environment("shop-prod")
    assert (environment["Status"], environment["VersionLabel"]) == ("Ready", "shop-0")
    ids = [instance["InstanceId"] for instance in cloud.instances("shop-prod")]
    failed = "did not pass health check after command execution."
    assert cloud.messages(request_id)[10:] == [
        *(("INFO", text) for text in batch(2, ids[1], 4)),
        ("ERROR", f"Instance id(s) '{ids[1]}' {failed} Aborting the operation."),
        ("ERROR", "Failed to deploy application."),
        ("ERROR", MIXED_FLEET),
    ]
    assert running(cloud, "shop-prod") == [("v-1", 2, "Deployed")] * 2 + [("shop-0", 1, "Deployed")] * 2

    wait_until(lambda: cloud.health("shop-prod")["HealthStatus"] == "Degraded", "the mixed fleet is noticed")
    assert cloud.health("shop-prod")["Causes"] == [
        'Incorrect application version found on 2 out of 4 instances. Expected version "shop-0" (deployment 1).',
        "ELB processes are not healthy on 1 out of 4 instances.",
    ]
    first, second, third, _ = cloud.instances("shop-prod")
    incorrect = 'Incorrect application version "v-1" (deployment 2). Expected version "shop-0" (deployment 1).'
    assert (first["Causes"], first["Color"]) == ([incorrect], "Red")
    assert second["HealthStatus"] == "Severe"
    assert second["Causes"][0] == incorrect
    assert "erroring with HTTP 4xx" in second["Causes"][1]
    assert third["HealthStatus"] == "Ok"

    cloud.deploy("shop-0", "shop-prod")  # Another deployment of the version repairs the fleet.
    assert running(cloud, "shop-prod") == [("shop-0", 3, "Deployed")] * 4
    wait_until(lambda: cloud.health("shop-prod")["HealthStatus"] == "Ok", "the repair is noticed")


def test_only_the_start_and_the_health_of_a_failed_deployment_reach_eventbridge(cloud: Cloud) -> None:
    cloud.version("v-1", UNANSWERING)
    cloud.deploy("v-1")
    texts = [text for _, text in cloud.messages(EnvironmentName="shop-staging")]
    assert "Failed to deploy application." in texts
    wait_until(lambda: "to Severe" in str(cloud.emitted), "health turns Severe")
    kinds = [event["detail"]["Status"] for event in cloud.emitted]
    assert kinds[0] == "Environment update started"
    assert set(kinds[1:]) == {"Environment health changed"}


def test_a_failed_deployment_reaches_eventbridge_if_the_option_is_set(
    make_cloud: Callable[..., Cloud],
) -> None:
    cloud = make_cloud(failed_deployment_event=True)
    cloud.version("v-1", UNANSWERING)
    cloud.deploy("v-1")
    wait_until(lambda: "Failed to deploy application." in str(cloud.emitted), "the failure is emitted")


def test_a_failing_batch_takes_the_command_timeout_and_240_seconds(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(speed=600.0)
    cloud.configure(Timeout="60")
    cloud.version("v-1", UNANSWERING)
    request_id = cloud.deploy("v-1")
    events = cloud.eb.describe_events(RequestId=request_id)["Events"]
    failed = next(event for event in events if "did not pass health check" in event["Message"])
    registering = next(event for event in events if "Registering" in event["Message"])
    took = (failed["EventDate"] - registering["EventDate"]).total_seconds() * 600
    assert 299 <= took < 700


def test_without_health_checks_a_version_that_does_not_answer_is_deployed(cloud: Cloud) -> None:
    cloud.configure(IgnoreHealthCheck="true", Timeout="1")
    cloud.version("v-1", UNANSWERING)
    cloud.deploy("v-1")
    assert cloud.environment()["VersionLabel"] == "v-1"
    wait_until(lambda: cloud.health()["HealthStatus"] == "Severe", "health turns Severe")
    assert cloud.health()["Causes"] == ["ELB health is failing or not available for all instances."]


def test_a_bundle_that_was_deleted_from_s3_fails_the_command_on_the_instances(cloud: Cloud) -> None:
    cloud.version("v-1")
    cloud.s3.delete_object(Bucket=cloud.bucket, Key="v-1.war")
    request_id = cloud.deploy("v-1")
    instance_id = cloud.instances()[0]["InstanceId"]
    assert cloud.messages(request_id)[5:] == [
        ("ERROR", "Instance deployment failed. For details, see 'eb-engine.log'."),
        (
            "ERROR",
            f"[Instance: {instance_id}] Command failed on instance. Return code: 1 "
            "Output: Engine execution has encountered an error..",
        ),
        ("INFO", "Command execution completed on all instances. Summary: [Successful: 0, Failed: 1]."),
        ("ERROR", f"Unsuccessful command execution on instance id(s) '{instance_id}'. Aborting the operation."),
        ("ERROR", "Failed to deploy application."),
        ("ERROR", MIXED_FLEET),
    ]
    assert running(cloud) == [("v-1", 2, "Failed"), ("shop-0", 1, "Deployed")]


def test_a_redeployment_reads_the_current_object_of_the_key(cloud: Cloud) -> None:
    cloud.version("v-1")
    cloud.deploy("v-1")
    cloud.s3.put_object(Bucket=cloud.bucket, Key="v-1.war", Body=UNANSWERING)
    request_id = cloud.deploy("v-1")
    assert ("ERROR", "Failed to deploy application.") in cloud.messages(request_id)


def test_all_at_once_updates_every_instance_together_without_a_health_gate(cloud: Cloud) -> None:
    cloud.configure("shop-prod", DeploymentPolicy="AllAtOnce")
    cloud.version("v-1", UNANSWERING)
    request_id = cloud.deploy("v-1", "shop-prod")
    assert [text for _, text in cloud.messages(request_id)] == [
        "Environment update is starting.",
        "Deploying new version to instance(s).",
        *["Instance deployment completed successfully."] * 4,
        "New application version was deployed to running EC2 instances.",
        "Environment update completed successfully.",
    ]
    assert cloud.environment("shop-prod")["VersionLabel"] == "v-1"
    wait_until(lambda: cloud.health("shop-prod")["HealthStatus"] == "Severe", "health turns Severe")


def test_a_fault_makes_an_all_at_once_deployment_fail(cloud: Cloud) -> None:
    cloud.configure(DeploymentPolicy="AllAtOnce")
    cloud.faults.add({"fault": "deploy-fails-health"})
    cloud.version("v-1")
    request_id = cloud.deploy("v-1")
    assert ("ERROR", "Failed to deploy application.") in cloud.messages(request_id)
    assert running(cloud) == [("v-1", 2, "Deployed")] * 2


def test_an_aborted_deployment_stops_and_leaves_a_mixed_fleet(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(speed=60.0)  # Slow, so that the two calls are made during the command of a batch.
    cloud.version("v-1")
    request_id = cloud.update("shop-prod", VersionLabel="v-1")
    wait_until(
        lambda: ("INFO", "Batch 1: Completed application deployment.") in cloud.messages(request_id),
        "batch 1",
    )
    cloud.eb.abort_environment_update(EnvironmentName="shop-prod")
    aborting = cloud.environment("shop-prod")
    assert (aborting["Status"], aborting["AbortableOperationInProgress"]) == ("Aborting", False)
    after = cloud.settle("shop-prod")
    assert (after["Status"], after["VersionLabel"]) == ("Ready", "shop-0")
    assert cloud.messages(request_id)[-1] == ("ERROR", MIXED_FLEET)
    assert {label for label, _, _ in running(cloud, "shop-prod")} == {"v-1", "shop-0"}


def test_only_a_running_update_can_be_aborted(cloud: Cloud) -> None:
    assert refused(cloud.eb.abort_environment_update, EnvironmentName="shop-staging") == (
        "InvalidParameterValue",
        "Environment named shop-staging is in an invalid state for this operation. Must be pending deployment.",
        400,
    )


def test_an_environment_that_is_not_ready_refuses_an_update(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(speed=600.0)
    cloud.update(VersionLabel="shop-0")
    assert refused(cloud.update, VersionLabel="shop-0") == (
        "InvalidParameterValue",
        "Environment named shop-staging is in an invalid state for this operation. Must be Ready.",
        400,
    )


def test_an_unknown_version_is_refused_and_nothing_changes(cloud: Cloud) -> None:
    assert refused(cloud.update, VersionLabel="v-9") == (
        "InvalidParameterValue",
        "No Application Version named 'v-9' found.",
        400,
    )
    assert cloud.environment()["Status"] == "Ready"


@pytest.mark.parametrize("wanted", [{"EnvironmentName": "nope"}, {"EnvironmentId": "e-nope"}])
def test_an_unknown_environment_is_refused(cloud: Cloud, wanted: dict[str, Any]) -> None:
    ((name, value),) = wanted.items()
    text = f"No Environment found for {name} = '{value}'."
    for call in (
        cloud.eb.update_environment,
        cloud.eb.abort_environment_update,
        cloud.eb.describe_environment_health,
    ):
        assert refused(call, **wanted) == ("InvalidParameterValue", text, 400)


def test_describe_environments_shows_an_update_at_once_without_the_fault(cloud: Cloud) -> None:
    cloud.version("v-1")
    cloud.update(VersionLabel="v-1")
    assert cloud.environment()["Status"] == "Updating"
    cloud.settle()


def test_with_the_fault_describe_environments_shows_an_update_later(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(speed=60.0)
    cloud.version("v-1")
    cloud.faults.add({"fault": "stale-describe", "seconds": 18})
    request_id = cloud.update(VersionLabel="v-1")
    assert cloud.environment()["Status"] == "Ready"
    assert cloud.messages(request_id) == [("INFO", "Environment update is starting.")]
    assert "Must be Ready" in refused(cloud.update, VersionLabel="v-1")[1]
    wait_until(lambda: cloud.environment()["Status"] == "Updating", "the environment is Updating")


@pytest.mark.parametrize(
    ("fleet", "size_type", "size", "sizes"),
    [
        (4, "Fixed", 1, [1, 1, 1, 1]),
        (4, "Fixed", 3, [3, 1]),
        (4, "Fixed", 9, [4]),
        (2, "Percentage", 30, [1, 1]),
        (3, "Percentage", 30, [1, 1, 1]),
        (4, "Percentage", 50, [2, 2]),
        (4, "Percentage", 100, [4]),
        (10, "Percentage", 1, [1] * 10),
    ],
)
def test_batches_cover_the_fleet(fleet: int, size_type: str, size: int, sizes: list[int]) -> None:
    instances = [Instance(datetime.now(UTC), "us-east-1a", "t3.micro") for _ in range(fleet)]
    split = batches(instances, size_type, size)
    assert [len(each) for each in split] == sizes
    assert [instance for each in split for instance in each] == instances
