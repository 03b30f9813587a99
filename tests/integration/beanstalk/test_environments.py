"""The creation of environments, updates of their configuration, and the answers of the API about both."""

from collections.abc import Callable
from typing import Any

import pytest

from local.beanstalk.seed import PLATFORM

from .conftest import Cloud, refused, wait_until
from .test_rolling import UNANSWERING

COMMAND = "aws:elasticbeanstalk:command"
PROPERTIES = "aws:elasticbeanstalk:application:environment"
HEALTH = "aws:elasticbeanstalk:healthreporting:system"
ASG = "aws:autoscaling:asg"


def setting(namespace: str, name: str, value: str) -> dict[str, str]:
    return {"Namespace": namespace, "OptionName": name, "Value": value}


def settings(cloud: Cloud, status: str = "deployed") -> dict[tuple[str, str], str]:
    found = cloud.eb.describe_configuration_settings(ApplicationName="shop", EnvironmentName="shop-staging")
    (chosen,) = [each for each in found["ConfigurationSettings"] if each["DeploymentStatus"] == status]
    return {(each["Namespace"], each["OptionName"]): each["Value"] for each in chosen["OptionSettings"]}


def staging_labels(cloud: Cloud) -> list[str | None]:
    return [each.get("Deployment", {}).get("VersionLabel") for each in cloud.instances()]


def create(cloud: Cloud, name: str = "shop-new", **more: Any) -> dict[str, Any]:
    given = {"ApplicationName": "shop", "EnvironmentName": name, "SolutionStackName": PLATFORM} | more
    return dict(cloud.eb.create_environment(**given))


def test_the_shop_is_ready_and_healthy_from_the_start(cloud: Cloud) -> None:
    for name, instances in (("shop-staging", 2), ("shop-prod", 4)):
        environment = cloud.environment(name)
        assert environment["ApplicationName"] == "shop"
        assert environment["VersionLabel"] == "shop-0"
        assert [environment[key] for key in ("Status", "Health", "HealthStatus")] == ["Ready", "Green", "Ok"]
        assert environment["SolutionStackName"] == PLATFORM
        assert environment["PlatformArn"].endswith(
            "::platform/Tomcat 11 with Corretto 21 running on 64bit Amazon Linux 2023/5.7.0"
        )
        assert environment["CNAME"] == f"{name}.us-east-1.elasticbeanstalk.com"
        assert environment["EnvironmentArn"] == (
            f"arn:aws:elasticbeanstalk:us-east-1:123456789012:environment/shop/{name}"
        )
        assert environment["Tier"] == {"Name": "WebServer", "Type": "Standard", "Version": "1.0"}
        assert len(cloud.instances(name)) == instances
    assert cloud.messages() == []
    command = {name: value for (namespace, name), value in settings(cloud).items() if namespace == COMMAND}
    assert command == {
        "DeploymentPolicy": "Rolling",
        "BatchSizeType": "Fixed",
        "BatchSize": "1",
        "Timeout": "600",
        "IgnoreHealthCheck": "false",
    }


def test_an_environment_launches_over_time(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(speed=1000.0)
    cloud.version("v-1")
    small = [setting(ASG, "MinSize", "2")]
    created = create(cloud, VersionLabel="v-1", CNAMEPrefix="new-shop", OptionSettings=small)
    assert (created["Status"], created["Health"], created["VersionLabel"]) == ("Launching", "Grey", "v-1")
    assert created["EnvironmentId"].startswith("e-")
    assert "EndpointURL" not in created
    ready = cloud.settle("shop-new")
    assert (ready["VersionLabel"], ready["CNAME"]) == ("v-1", "new-shop.us-east-1.elasticbeanstalk.com")
    assert ready["EndpointURL"].endswith(".us-east-1.elb.amazonaws.com")
    assert [each["Deployment"]["DeploymentId"] for each in cloud.instances("shop-new")] == [1, 1]
    wait_until(lambda: "from Pending to Ok. Initialization completed" in str(cloud.emitted), "it is well")
    texts = [text for _, text in cloud.messages(EnvironmentName="shop-new")]
    assert texts[0] == "createEnvironment is starting."
    pending = next(text for text in texts if "health" in text)
    assert pending.startswith("Environment health has transitioned to Pending. Initialization in progress (")
    assert pending.endswith("There are no instances.")
    assert any(text.startswith("Added instances [i-") for text in texts)
    assert "Successfully launched environment: shop-new" in texts
    statuses = [event["detail"]["Status"] for event in cloud.emitted]
    assert [status for status in statuses if "health" not in status] == [
        "Environment creation started",
        "Auto Scaling group created",
        "Instance added",
        "Load balancer created",
        "Environment creation successful",
    ]


def test_an_environment_launched_with_a_version_that_does_not_answer_has_issues(cloud: Cloud) -> None:
    cloud.version("v-1", UNANSWERING)
    create(cloud, VersionLabel="v-1")
    cloud.settle("shop-new")
    issues = "However, there were issues during launch. See event log for details."
    assert ("INFO", f"Launched environment: shop-new. {issues}") in cloud.messages(EnvironmentName="shop-new")


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"ApplicationName": "nope"}, "No Application named 'nope' found."),
        ({"VersionLabel": "v-9"}, "No Application Version named 'v-9' found."),
        ({"EnvironmentName": "shop-prod"}, "Environment shop-prod already exists."),
        (
            {"CNAMEPrefix": "shop-prod"},
            "DNS name (shop-prod.us-east-1.elasticbeanstalk.com) is not available.",
        ),
        ({"SolutionStackName": "64bit Nothing"}, "No Solution Stack named '64bit Nothing' found."),
        ({"TemplateName": "t"}, "No Configuration Template named 't' found."),
        (
            {"EnvironmentName": "shop_new"},
            "Value shop_new at 'EnvironmentName' failed to satisfy constraint: Member must contain only letters, "
            "digits, and the dash character and may not start or end with a dash",
        ),
    ],
)
def test_an_invalid_environment_is_refused(cloud: Cloud, given: dict[str, str], text: str) -> None:
    assert refused(create, cloud=cloud, **given) == ("InvalidParameterValue", text, 400)


def test_an_environment_of_the_cluster_tier_takes_no_bundle_and_reports_no_instances(cloud: Cloud) -> None:
    create(cloud, Tier={"Name": "Cluster", "Type": "EKS"})
    wait_until(lambda: cloud.environment("shop-new").get("HealthStatus") == "Ok", "shop-new is healthy")
    assert refused(cloud.instances, name="shop-new")[0] == "InvalidRequestException"
    cloud.settle("shop-new")
    cloud.version("v-1")
    assert refused(cloud.update, name="shop-new", VersionLabel="v-1")[0] == "InvalidParameterValue"


def test_environments_are_found_by_name_id_application_and_label(cloud: Cloud) -> None:
    def names(**filters: Any) -> set[str]:
        return {each["EnvironmentName"] for each in cloud.eb.describe_environments(**filters)["Environments"]}

    both = {"shop-staging", "shop-prod"}
    assert names() == names(ApplicationName="shop") == names(VersionLabel="shop-0") == both
    assert names(EnvironmentNames=["shop-prod", "nope"]) == {"shop-prod"}
    assert names(EnvironmentIds=[cloud.environment("shop-prod")["EnvironmentId"]]) == {"shop-prod"}
    assert names(ApplicationName="nope") == names(VersionLabel="v-9") == set()
    first = cloud.eb.describe_environments(MaxRecords=1)
    assert names(MaxRecords=1, NextToken=first["NextToken"]) == both - {first["Environments"][0]["EnvironmentName"]}


def test_a_configuration_update_is_pending_then_deployed(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(speed=100.0)
    request_id = cloud.update(OptionSettings=[setting(COMMAND, "Timeout", "120")])
    assert settings(cloud)[COMMAND, "Timeout"] == "600"
    assert settings(cloud, "pending")[COMMAND, "Timeout"] == "120"
    cloud.settle()
    assert settings(cloud)[COMMAND, "Timeout"] == "120"
    assert cloud.messages(request_id) == [
        ("INFO", "Environment update is starting."),
        ("INFO", "Updating environment shop-staging's configuration settings."),
        ("INFO", "Successfully deployed new configuration to environment."),
        ("INFO", "Environment update completed successfully."),
    ]
    assert {each["Deployment"]["DeploymentId"] for each in cloud.instances()} == {1}


def test_an_environment_property_counts_as_a_deployment(cloud: Cloud) -> None:
    cloud.update(OptionSettings=[setting(PROPERTIES, "COLOUR", "green")])
    cloud.settle()
    assert settings(cloud)[PROPERTIES, "COLOUR"] == "green"
    assert [each["Deployment"]["DeploymentId"] for each in cloud.instances()] == [2, 2]
    assert cloud.instances()[0]["Causes"] == []


def test_a_removed_option_gets_its_default(cloud: Cloud) -> None:
    cloud.update(OptionsToRemove=[{"Namespace": COMMAND, "OptionName": "DeploymentPolicy"}])
    cloud.settle()
    assert settings(cloud)[COMMAND, "DeploymentPolicy"] == "AllAtOnce"


def test_new_instances_run_the_last_good_version(cloud: Cloud) -> None:
    cloud.update(OptionSettings=[setting(ASG, "MinSize", "3")])
    cloud.settle()
    wait_until(lambda: staging_labels(cloud) == ["shop-0"] * 3, "the added instance runs the version")
    added = cloud.instances()[2]["InstanceId"]
    cloud.update(OptionSettings=[setting(ASG, "MinSize", "1"), setting(ASG, "MaxSize", "2")])
    cloud.settle()
    texts = [text for _, text in cloud.messages(EnvironmentName="shop-staging")]
    assert f"Added instance [{added}] to your environment." in texts
    assert f"Removed instance [{added}] from your environment." in texts
    assert len(cloud.instances()) == 2


def test_servers_restart_in_the_batches_of_a_rolling_deployment(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(speed=60.0)
    done = ["Instance deployment completed successfully."] * 4
    cloud.eb.restart_app_server(EnvironmentName="shop-prod")
    wait_until(
        lambda: 0 < str(cloud.messages(EnvironmentName="shop-prod")).count(done[0]) < 4, "one instance is restarted"
    )
    cloud.settle("shop-prod")
    texts = [text for _, text in cloud.messages(EnvironmentName="shop-prod") if "health" not in text]
    assert texts == ["restartAppServer is starting.", *done, "Restarted application server on all ec2 instances."]


def test_an_aborted_configuration_update_is_reverted(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(speed=100.0)
    request_id = cloud.update(OptionSettings=[setting(COMMAND, "Timeout", "120")])
    cloud.eb.abort_environment_update(EnvironmentName="shop-staging")
    cloud.settle()
    assert settings(cloud)[COMMAND, "Timeout"] == "600"
    reverted = "The environment was reverted to the previous configuration setting."
    assert cloud.messages(request_id)[-1] == ("INFO", reverted)


def test_one_call_may_change_the_version_and_settings(cloud: Cloud) -> None:
    cloud.version("v-1")
    cloud.update(VersionLabel="v-1", OptionSettings=[setting(COMMAND, "Timeout", "120")])
    assert cloud.settle()["VersionLabel"] == "v-1"
    assert settings(cloud)[COMMAND, "Timeout"] == "120"


def test_launch_settings_in_the_same_call_override_the_deployment_policy(cloud: Cloud) -> None:
    cloud.version("v-1")
    unchanged = [setting("aws:autoscaling:launchconfiguration", "InstanceType", "t3.micro")]
    request_id = cloud.update(VersionLabel="v-1", OptionSettings=unchanged)
    cloud.settle()
    assert not any("Batch" in text for _, text in cloud.messages(request_id))


@pytest.mark.parametrize(
    ("option", "reason"),
    [
        (
            setting("aws:nope", "X", "1"),
            "Invalid option specification (Namespace: 'aws:nope', OptionName: 'X'): Unknown configuration setting.",
        ),
        (
            setting("aws:elasticbeanstalk:environment:process:default", "MatcherHTTPCode", ""),
            "Invalid option value: '' (Namespace: 'aws:elasticbeanstalk:environment:process:default', "
            "OptionName: 'MatcherHTTPCode'): Value does not satisfy regex: "
            r"'^((\d{3}(-\d{3})?)|(\d{3}(,\d{3})*))$' "
            "[The configured value for 'MatcherHTTPCode' is invalid.]",
        ),
        (
            setting(COMMAND, "Timeout", "3601"),
            f"Invalid option value: '3601' (Namespace: '{COMMAND}', OptionName: 'Timeout'): "
            "Value exceeds maximum allowed value: 3600",
        ),
        (
            setting(COMMAND, "IgnoreHealthCheck", "yes"),
            f"Invalid option value: 'yes' (Namespace: '{COMMAND}', OptionName: 'IgnoreHealthCheck'): "
            "Value is not one of the allowed values: [true, false]",
        ),
        (
            setting("aws:elasticbeanstalk:environment", "LoadBalancerType", "network"),
            "LoadBalancer type option cannot be changed.",
        ),
    ],
)
def test_an_invalid_setting_is_refused(cloud: Cloud, option: dict[str, str], reason: str) -> None:
    text = f"Configuration validation exception: {reason}"
    assert refused(cloud.update, OptionSettings=[option]) == ("ConfigurationValidationException", text, 400)
    assert cloud.environment()["Status"] == "Ready"


def test_a_percentage_of_more_than_100_is_refused(cloud: Cloud) -> None:
    given = {"BatchSizeType": "Percentage", "BatchSize": "101"}
    assert refused(cloud.configure, **given)[0] == "ConfigurationValidationException"


def test_settings_are_described_for_either_an_environment_or_a_template(cloud: Cloud) -> None:
    describe = cloud.eb.describe_configuration_settings
    assert refused(describe, ApplicationName="shop")[0] == "MissingRequiredParameter"
    both = {"ApplicationName": "shop", "TemplateName": "t", "EnvironmentName": "shop-prod"}
    assert refused(describe, **both)[0] == "InvalidParameterCombination"


def test_options_are_described_with_the_severity_of_their_change(cloud: Cloud) -> None:
    describe = cloud.eb.describe_configuration_options
    everything = describe(ApplicationName="shop", EnvironmentName="shop-prod")
    assert everything["SolutionStackName"] == PLATFORM
    assert len(everything["Options"]) > 100
    asked = [{"Namespace": "aws:autoscaling:launchconfiguration", "OptionName": "InstanceType"}]
    (option,) = describe(Options=asked)["Options"]
    assert (option["Name"], option["ChangeSeverity"]) == ("InstanceType", "RestartEnvironment")
    assert "t3.micro" in option["ValueOptions"]
    (policy,) = describe(Options=[{"Namespace": COMMAND, "OptionName": "DeploymentPolicy"}])["Options"]
    assert (policy["DefaultValue"], policy["ValueType"], policy["UserDefined"]) == (
        "AllAtOnce",
        "Scalar",
        False,
    )
