"""Health: the reports of environments and instances, the times of its changes, and its events."""

from collections.abc import Callable

import pytest

from local.beanstalk.fleet import Fleet, Traffic
from local.beanstalk.health import lasting
from local.beanstalk.instances import Instance

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
    wait_until(lambda: cloud.environment("shop-prod")["HealthStatus"] == "Ok", "health is Ok again")
    assert cloud.messages(EnvironmentName="shop-prod") == [
        ("WARN", "Environment health has transitioned from Ok to Severe. It burns."),
        ("INFO", "Environment health has transitioned from Severe to Ok."),
    ]
    events = cloud.eb.describe_events(EnvironmentName="shop-prod")["Events"]
    assert not any("RequestId" in event for event in events)


def test_an_envelope_has_the_form_of_eventbridge(cloud: Cloud) -> None:
    cloud.faults.add({"fault": "health", "environment": "shop-prod", "status": "Degraded", "cause": "Slow."})
    wait_until(lambda: cloud.emitted, "the transition is emitted")
    (described,) = cloud.eb.describe_events(EnvironmentName="shop-prod")["Events"]
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
            "EventDate": round(described["EventDate"].timestamp() * 1000),
            "ApplicationName": "shop",
            "Message": "Environment health has transitioned from Ok to Degraded. Slow.",
            "EnvironmentName": "shop-prod",
            "Severity": "WARN",
        },
    }
    assert event["time"].endswith("Z")
    assert len(event["time"]) == len("2026-01-02T03:04:05Z")


def test_health_falls_during_a_good_deployment_to_all_instances_and_returns_in_steps(
    make_cloud: Callable[..., Cloud],
) -> None:
    cloud = make_cloud(speed=200.0)
    cloud.configure(DeploymentPolicy="AllAtOnce")
    wait_until(lambda: cloud.health()["HealthStatus"] == "Ok", "health is Ok")
    cloud.version("v-1")
    cloud.update(VersionLabel="v-1")
    wait_until(lambda: "Application update in progress on 2 instances." in causes(cloud), "the deployment shows")
    assert "ELB health is failing or not available for all instances." in causes(cloud)
    assert cloud.health()["HealthStatus"] == "Severe"
    for each in cloud.instances():
        assert (each["HealthStatus"], each["Color"]) == ("Pending", "Grey")
        assert each["Causes"][0].startswith("Performing application deployment (running for ")
        assert each["Deployment"]["Status"] == "In Progress"
    wait_until(lambda: cloud.environment()["HealthStatus"] == "Degraded", "the instances return")
    wait_until(lambda: cloud.environment()["HealthStatus"] == "Warning", "health returns in steps")
    wait_until(lambda: cloud.health()["HealthStatus"] == "Ok", "health is Ok")
    cloud.settle()


@pytest.mark.parametrize(("environment", "lowest"), [("shop-staging", "Severe"), ("shop-prod", "Warning")])
def test_health_falls_while_one_instance_is_out_of_the_load_balancer(
    make_cloud: Callable[..., Cloud], environment: str, lowest: str
) -> None:
    """`shop-staging` has two instances, and `shop-prod` has four."""
    cloud = make_cloud(speed=200.0)
    cloud.version("v-1")
    cloud.eb.update_environment(EnvironmentName=environment, VersionLabel="v-1")
    statuses: set[str] = set()

    def has_ended() -> bool:
        described = cloud.environment(environment)
        statuses.add(described["HealthStatus"])
        return bool(described["VersionLabel"] == "v-1" and described["HealthStatus"] == "Ok")

    wait_until(has_ended, "the deployment succeeds")
    assert lowest in statuses
    assert statuses <= {"Ok", "Info", lowest}


def test_health_is_severe_while_an_environment_is_terminated(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(speed=200.0)
    cloud.eb.terminate_environment(EnvironmentName="shop-prod")
    wait_until(lambda: "from Ok to Severe" in str(cloud.emitted), "health is Severe")


def test_a_failing_deployment_lowers_health_before_it_ends(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(speed=1500.0)
    cloud.faults.add({"fault": "deploy-fails-health", "environment": "shop-staging"})
    cloud.version("v-1")
    cloud.deploy("v-1")
    messages = [text for _, text in cloud.messages(EnvironmentName="shop-staging")]
    lowered = next(number for number, text in enumerate(messages) if "from Ok to Severe" in text or "Info to" in text)
    assert lowered < messages.index("Failed to deploy application.")


def causes(cloud: Cloud) -> str:
    return " ".join(cloud.health()["Causes"])


def test_only_the_requested_attributes_are_returned(cloud: Cloud) -> None:
    answer = cloud.eb.describe_environment_health(EnvironmentName="shop-prod")
    assert {key for key in answer if key != "ResponseMetadata"} == {"EnvironmentName"}
    answer = cloud.eb.describe_environment_health(EnvironmentName="shop-prod", AttributeNames=["Color", "Causes"])
    assert {key for key in answer if key != "ResponseMetadata"} == {"EnvironmentName", "Color", "Causes"}
    (instance, *_) = cloud.eb.describe_instances_health(EnvironmentName="shop-prod")["InstanceHealthList"]
    assert set(instance) == {"InstanceId"}
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


def test_basic_health_is_only_a_colour_which_is_grey_during_an_update(make_cloud: Callable[..., Cloud]) -> None:
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
    texts = [text for _, text in cloud.messages(EnvironmentName="shop-staging") if "health" in text]
    assert texts[-1] == "Environment health has transitioned from GREEN to RED."


def test_basic_health_waits_for_the_end_of_an_update(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(speed=600.0)
    system = {"Namespace": "aws:elasticbeanstalk:healthreporting:system", "OptionName": "SystemType", "Value": "basic"}
    cloud.update(OptionSettings=[system])
    cloud.settle()
    cloud.configure(DeploymentPolicy="AllAtOnce")
    cloud.version("v-1", UNANSWERING)
    cloud.deploy("v-1")
    wait_until(lambda: "from GREEN to RED" in str(cloud.emitted), "it does not answer")
    cloud.deploy("shop-0")
    wait_until(lambda: "to GREEN" in str(cloud.emitted), "it answers")
    *_, last_of_update, recovered = [text for _, text in cloud.messages(EnvironmentName="shop-staging")]
    assert last_of_update == "Environment update completed successfully."
    assert recovered == "Environment health has transitioned from RED to GREEN."


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 second"), (31, "31 seconds"), (60, "1 minute"), (179, "2 minutes"), (3600, "1 hour")],
)
def test_durations_are_written_in_words(seconds: float, words: str) -> None:
    assert lasting(seconds) == words


class Failing(Fleet):
    """A fleet whose instances answer all requests with these statuses."""

    def __init__(self, *statuses: int) -> None:
        super().__init__()
        self._traffic = Traffic(statuses)

    def traffic(self, instance: Instance) -> Traffic:  # noqa: ARG002 - all instances are the same
        return self._traffic


@pytest.mark.parametrize(
    ("statuses", "health", "share"),
    [((99, 0, 0, 1), "Warning", "1.0"), ((90, 0, 0, 10), "Degraded", "10.0"), ((0, 0, 0, 90), "Severe", "100.0")],
)
def test_requests_that_fail_make_the_health_of_the_environment_and_its_instances_bad(
    cloud: Cloud, statuses: tuple[int, int, int, int], health: str, share: str
) -> None:
    cloud.beanstalk.fleet = Failing(*statuses)
    wait_until(lambda: cloud.environment("shop-prod")["HealthStatus"] == health, f"health is {health}")
    cause = f"{share} % of the requests are failing with HTTP 5xx."
    assert cloud.health("shop-prod")["Causes"] == [cause]
    answer = cloud.eb.describe_instances_health(EnvironmentName="shop-prod", AttributeNames=["All"])
    reports = answer["InstanceHealthList"]
    assert [(report["HealthStatus"], report["Causes"]) for report in reports] == [(health, [cause])] * 4


def test_few_requests_do_not_change_health(cloud: Cloud) -> None:
    cloud.beanstalk.fleet = Failing(0, 0, 0, 2)  # The instances of the environment have answered 8 requests.
    wait_until(lambda: cloud.health("shop-prod")["ApplicationMetrics"]["RequestCount"] == 8, "the requests count")
    assert cloud.environment("shop-prod")["HealthStatus"] == "Ok"
