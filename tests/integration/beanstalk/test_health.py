"""Health: what is reported, when it changes, and who hears of it."""

from collections.abc import Callable

import pytest

from local.beanstalk.health import lasting

from .conftest import Cloud, refused, wait_until
from .test_rolling import UNANSWERING


def test_a_health_fault_is_reported_until_it_is_removed(cloud: Cloud) -> None:
    cloud.faults.add({"fault": "health", "environment": "shop-prod", "status": "Severe", "cause": "It burns."})
    wait_until(lambda: cloud.environment("shop-prod")["HealthStatus"] == "Severe", "health is Severe")
    assert cloud.environment("shop-prod")["Health"] == "Red"
    health = cloud.health("shop-prod")
    assert (health["Color"], health["Causes"], health["Status"]) == ("Red", ["It burns."], "Ready")
    assert cloud.environment("shop-staging")["HealthStatus"] == "Ok"
    cloud.faults.clear()
    wait_until(lambda: cloud.environment("shop-prod")["HealthStatus"] == "Ok", "health is back")
    assert cloud.messages(EnvironmentName="shop-prod") == [
        ("WARN", "Environment health has transitioned from Ok to Severe. It burns."),
        ("INFO", "Environment health has transitioned from Severe to Ok."),
    ]
    events = cloud.eb.describe_events(EnvironmentName="shop-prod")["Events"]
    assert not any("RequestId" in event for event in events)


def test_an_envelope_has_the_form_of_eventbridge(cloud: Cloud) -> None:
    cloud.faults.add({"fault": "health", "environment": "shop-prod", "status": "Degraded", "cause": "Slow."})
    wait_until(lambda: cloud.emitted, "the transition is emitted")
    (told,) = cloud.eb.describe_events(EnvironmentName="shop-prod")["Events"]
    event = cloud.emitted[0]
    assert event == {
        "version": "0",
        "id": event["id"],
        "detail-type": "Health status change",
        "source": "aws.elasticbeanstalk",
        "account": "123456789012",
        "time": event["time"],
        "region": "us-east-1",
        "resources": ["arn:aws:elasticbeanstalk:us-east-1:123456789012:environment/shop/shop-prod"],
        "detail": {
            "Status": "Environment health changed",
            "EventDate": round(told["EventDate"].timestamp() * 1000),
            "ApplicationName": "shop",
            "Message": "Environment health has transitioned from Ok to Degraded. Slow.",
            "EnvironmentName": "shop-prod",
            "Severity": "WARN",
        },
    }
    assert event["time"].endswith("Z")
    assert len(event["time"]) == len("2026-01-02T03:04:05Z")


def test_health_is_info_during_a_deployment_and_ok_after_it(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(speed=200.0)
    cloud.configure(DeploymentPolicy="AllAtOnce")
    wait_until(lambda: cloud.health()["HealthStatus"] == "Ok", "the change is over")
    cloud.version("v-1")
    cloud.update(VersionLabel="v-1")
    wait_until(lambda: cloud.health()["HealthStatus"] == "Info", "the deployment is seen")
    assert cloud.health()["Causes"][0].startswith("Application update in progress on 2 instances.")
    for each in cloud.instances():
        assert (each["HealthStatus"], each["Color"]) == ("Pending", "Grey")
        assert each["Causes"][0].startswith("Performing application deployment (running for ")
        assert each["Deployment"]["Status"] == "In Progress"
    cloud.settle()
    wait_until(lambda: cloud.health()["HealthStatus"] == "Ok", "it is over")
    (came, went) = [text for _, text in cloud.messages(EnvironmentName="shop-staging") if "health" in text][-2:]
    assert "from Ok to Info. Application update in progress" in came
    assert "from Info to Ok. Application update completed" in went


def test_a_failing_deployment_does_not_lower_health_within_the_command_timeout(
    make_cloud: Callable[..., Cloud],
) -> None:
    cloud = make_cloud(speed=1500.0)
    cloud.faults.add({"fault": "deploy-fails-health", "environment": "shop-staging"})
    cloud.version("v-1")
    request_id = cloud.deploy("v-1")
    wait_until(lambda: "from Info to Degraded" in str(cloud.emitted), "health is lowered afterwards")
    messages = list(reversed(cloud.eb.describe_events(EnvironmentName="shop-staging")["Events"]))
    failed = next(n for n, event in enumerate(messages) if event["Message"] == "Failed to deploy application.")
    lowered = next(n for n, event in enumerate(messages) if "to Degraded" in event["Message"])
    assert failed < lowered
    assert messages[failed]["RequestId"] == request_id


def test_only_the_requested_attributes_are_returned(cloud: Cloud) -> None:
    answer = cloud.eb.describe_environment_health(EnvironmentName="shop-prod")
    assert {key for key in answer if key != "ResponseMetadata"} == {"EnvironmentName"}
    answer = cloud.eb.describe_environment_health(EnvironmentName="shop-prod", AttributeNames=["Color", "Causes"])
    assert {key for key in answer if key != "ResponseMetadata"} == {"EnvironmentName", "Color", "Causes"}
    (one, *_) = cloud.eb.describe_instances_health(EnvironmentName="shop-prod")["InstanceHealthList"]
    assert set(one) == {"InstanceId"}
    answer = cloud.eb.describe_instances_health(EnvironmentName="shop-prod", AttributeNames=["Deployment"])
    assert set(answer["InstanceHealthList"][0]) == {"InstanceId", "Deployment"}
    whole = cloud.health("shop-prod")
    assert whole["InstancesHealth"]["Ok"] == 4
    assert whole["ApplicationMetrics"]["StatusCodes"]["Status2xx"] == 4
    assert set(cloud.instances("shop-prod")[0]) >= {
        "System",
        "LaunchedAt",
        "AvailabilityZone",
        "InstanceType",
    }


def test_basic_health_has_no_status_and_no_reports(cloud: Cloud) -> None:
    system = {"Namespace": "aws:elasticbeanstalk:healthreporting:system", "OptionName": "SystemType"}
    cloud.update(OptionSettings=[system | {"Value": "basic"}])
    assert "HealthStatus" not in cloud.settle()
    for action in ("DescribeEnvironmentHealth", "DescribeInstancesHealth"):
        describe = getattr(cloud.eb, "describe_environment_health" if "Env" in action else "describe_instances_health")
        expected = ("InvalidRequestException", f"{action} is not supported.", 400)
        assert refused(describe, EnvironmentName="shop-staging", AttributeNames=["All"]) == expected


def test_basic_health_is_a_colour_and_grey_during_an_update(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(speed=600.0)
    system = {"Namespace": "aws:elasticbeanstalk:healthreporting:system", "OptionName": "SystemType", "Value": "basic"}
    cloud.update(OptionSettings=[system])
    cloud.settle()
    wait_until(lambda: cloud.environment()["Health"] == "Green", "it is well")
    cloud.update(VersionLabel="shop-0")
    assert cloud.environment()["Health"] == "Grey"
    cloud.settle()
    cloud.faults.add({"fault": "health", "environment": "shop-staging", "status": "Severe"})
    wait_until(lambda: cloud.environment()["Health"] == "Red", "the fault shows")
    told = [text for _, text in cloud.messages(EnvironmentName="shop-staging") if "health" in text]
    assert told[-1] == "Environment health has transitioned from GREEN to RED."


def test_basic_health_waits_for_the_end_of_an_update(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(speed=600.0)
    system = {"Namespace": "aws:elasticbeanstalk:healthreporting:system", "OptionName": "SystemType", "Value": "basic"}
    cloud.update(OptionSettings=[system])
    cloud.settle()
    cloud.configure(DeploymentPolicy="AllAtOnce")
    cloud.version("v-1", UNANSWERING)
    cloud.deploy("v-1")
    wait_until(lambda: cloud.environment()["Health"] == "Red", "it does not answer")
    cloud.deploy("shop-0")
    wait_until(lambda: cloud.environment()["Health"] == "Green", "it answers")
    *_, last_of_update, recovered = [text for _, text in cloud.messages(EnvironmentName="shop-staging")]
    assert last_of_update == "Environment update completed successfully."
    assert recovered == "Environment health has transitioned from RED to GREEN."


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 second"), (31, "31 seconds"), (60, "1 minute"), (179, "2 minutes"), (3600, "1 hour")],
)
def test_durations_are_written_in_words(seconds: float, words: str) -> None:
    assert lasting(seconds) == words
