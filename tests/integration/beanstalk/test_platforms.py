"""Platform versions and branches, their filters, and saved configurations."""

from typing import Any

import pytest

from .conftest import Cloud, refused

STACK = "64bit Amazon Linux 2023 v5.7.0 running Tomcat 11 Corretto 21"
BRANCH = "Tomcat 10 with Corretto 21 running on 64bit Amazon Linux 2023"
COMMAND = "aws:elasticbeanstalk:command"


def versions(cloud: Cloud, *filters: tuple[str, str, list[str]]) -> list[dict[str, Any]]:
    asked = [{"Type": type_, "Operator": operator, "Values": values} for type_, operator, values in filters]
    return list(cloud.eb.list_platform_versions(Filters=asked)["PlatformSummaryList"])


def test_only_the_newest_version_of_a_branch_is_recommended(cloud: Cloud) -> None:
    of_branch = versions(cloud, ("PlatformBranchName", "=", [BRANCH]))
    assert sorted((each["PlatformVersion"], each.get("PlatformLifecycleState")) for each in of_branch) == [
        ("5.3.0", None),
        ("5.7.0", "Recommended"),
    ]


@pytest.mark.parametrize(
    ("operator", "value", "number"),
    [
        ("=", "5.7.0", 1),
        ("!=", "5.7.0", 1),
        (">", "5.3.0", 1),
        (">=", "5.3.0", 2),
        ("<", "5.3.0", 0),
        ("<=", "5.3.0", 1),
    ],
)
def test_versions_are_compared_by_number(cloud: Cloud, operator: str, value: str, number: int) -> None:
    filters = ("PlatformBranchName", "=", [BRANCH]), ("PlatformVersion", operator, [value])
    assert len(versions(cloud, *filters)) == number


def test_the_branches_of_amazon_linux_2_are_retired(cloud: Cloud) -> None:
    filters = [{"Attribute": "BranchName", "Operator": "contains", "Values": ["Tomcat 9"]}]
    branches = cloud.eb.list_platform_branches(Filters=filters)["PlatformBranchSummaryList"]
    states = {each["BranchName"]: each["LifecycleState"] for each in branches}
    assert states["Tomcat 9 with Corretto 11 running on 64bit Amazon Linux 2"] == "Retired"
    assert states["Tomcat 9 with Corretto 17 running on 64bit Amazon Linux 2023"] == "Supported"
    kept = [{"Attribute": "LifecycleState", "Operator": "not_in", "Values": ["Retired", "Beta"]}]
    kept_states = {
        each["LifecycleState"] for each in cloud.eb.list_platform_branches(Filters=kept)["PlatformBranchSummaryList"]
    }
    assert kept_states == {"Supported"}


def test_platform_versions_come_in_pages(cloud: Cloud) -> None:
    first = cloud.eb.list_platform_versions(MaxRecords=50)
    second = cloud.eb.list_platform_versions(MaxRecords=50, NextToken=first["NextToken"])
    arns = [each["PlatformArn"] for page in (first, second) for each in page["PlatformSummaryList"]]
    assert (len(set(arns)), "NextToken" in second) == (
        len(cloud.eb.list_available_solution_stacks()["SolutionStacks"]),
        False,
    )


def test_a_platform_version_is_described_by_its_arn(cloud: Cloud) -> None:
    described = cloud.eb.describe_platform_version(PlatformArn=cloud.environment()["PlatformArn"])[
        "PlatformDescription"
    ]
    assert (described["SolutionStackName"], described["PlatformBranchLifecycleState"]) == (STACK, "Supported")
    unknown = cloud.environment()["PlatformArn"] + "1"
    text = f"No Platform named '{unknown}' found."
    assert refused(cloud.eb.describe_platform_version, PlatformArn=unknown)[:2] == ("InvalidParameterValue", text)


def test_an_unknown_filter_is_refused(cloud: Cloud) -> None:
    filters = [{"Type": "Colour", "Operator": "=", "Values": ["blue"]}]
    assert refused(cloud.eb.list_platform_versions, Filters=filters)[0] == "InvalidParameterValue"


def test_an_environment_is_created_from_the_settings_of_another(cloud: Cloud) -> None:
    cloud.configure(Timeout="700")
    cloud.eb.create_configuration_template(
        ApplicationName="shop", TemplateName="saved", EnvironmentId=cloud.environment()["EnvironmentId"]
    )
    assert cloud.eb.describe_applications()["Applications"][0]["ConfigurationTemplates"] == ["saved"]
    cloud.eb.create_environment(ApplicationName="shop", EnvironmentName="shop-clone", TemplateName="saved")
    cloud.settle("shop-clone")
    described = cloud.eb.describe_configuration_settings(ApplicationName="shop", EnvironmentName="shop-clone")
    [timeout] = [
        each["Value"]
        for each in described["ConfigurationSettings"][0]["OptionSettings"]
        if (each["Namespace"], each["OptionName"]) == (COMMAND, "Timeout")
    ]
    assert (timeout, cloud.environment("shop-clone")["SolutionStackName"]) == ("700", STACK)


def test_a_template_is_changed_described_and_deleted(cloud: Cloud) -> None:
    named = {"ApplicationName": "shop", "TemplateName": "saved"}
    cloud.eb.create_configuration_template(**named, SolutionStackName=STACK)
    text = "Configuration Template saved already exists."
    assert refused(cloud.eb.create_configuration_template, **named, SolutionStackName=STACK)[1] == text
    setting = {"Namespace": COMMAND, "OptionName": "Timeout", "Value": "900"}
    cloud.eb.update_configuration_template(**named, OptionSettings=[setting])
    [described] = cloud.eb.describe_configuration_settings(**named)["ConfigurationSettings"]
    assert ("DeploymentStatus" in described, described["TemplateName"]) == (False, "saved")
    assert any(setting.items() <= each.items() for each in described["OptionSettings"])
    cloud.eb.delete_configuration_template(**named)
    text = "No Configuration Template named 'saved' found."
    assert refused(cloud.eb.describe_configuration_settings, **named)[1] == text


def test_an_environment_has_beanstalks_own_three_tags(cloud: Cloud) -> None:
    environment = cloud.environment()
    listed = cloud.eb.list_tags_for_resource(ResourceArn=environment["EnvironmentArn"])["ResourceTags"]
    assert {each["Key"]: each["Value"] for each in listed} == {
        "Name": "shop-staging",
        "elasticbeanstalk:environment-id": environment["EnvironmentId"],
        "elasticbeanstalk:environment-name": "shop-staging",
    }
