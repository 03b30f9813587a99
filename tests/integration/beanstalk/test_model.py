"""The answers of all operations match botocore's service model, and the list of operations is complete."""

import re
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from botocore import xform_name
from moto.core.utils import get_service_model

from local.beanstalk.operations import Operations
from local.settings import ROOT

from .conftest import Cloud
from .test_managed_actions import superseded
from .test_wire import post

MODEL = get_service_model("elasticbeanstalk")
IMPLEMENTED = sorted(name for name in MODEL.operation_names if hasattr(Operations, xform_name(name)))
UPPERCASE = {"ApplicationVersionStatus"}
"""AWS answers PROCESSED, although the model has Processed (aws-sdk-ruby issue 1081, EB CLI)."""

EITHER_WORD = {"EnvironmentHealth", "ConfigurationOptionValueType"}
"""AWS also answers with words that the model does not have. In the model, the Status of DescribeEnvironmentHealth is a
colour; AWS answers with the status of the environment. Options also have the types Boolean and CommaSeparatedList."""

STAGING = {"EnvironmentName": "shop-staging"}
SHOP = {"ApplicationName": "shop"}
STACK = "64bit Amazon Linux 2023 v5.7.0 running Tomcat 11 Corretto 21"
OPTION = {
    "OptionSettings.member.1.Namespace": "aws:elasticbeanstalk:command",
    "OptionSettings.member.1.OptionName": "Timeout",
    "OptionSettings.member.1.Value": "900",
}
ARN = "arn:aws:elasticbeanstalk:us-east-1:123456789012:environment/shop/shop-staging"
ALL = {"AttributeNames.member.1": "All"}
REQUESTS: dict[str, dict[str, str]] = {
    "DeleteApplication": SHOP | {"TerminateEnvByForce": "true"},
    "DescribeEnvironmentManagedActionHistory": STAGING,
    "DescribeEnvironmentManagedActions": STAGING,
    "RebuildEnvironment": STAGING,
    "UpdateApplicationResourceLifecycle": SHOP
    | {
        "ResourceLifecycleConfig.ServiceRole": "arn:aws:iam::123456789012:role/eb",
        "ResourceLifecycleConfig.VersionLifecycleConfig.MaxCountRule.Enabled": "true",
    },
    "CheckDNSAvailability": {"CNAMEPrefix": "free"},
    "CreateApplication": {"ApplicationName": "mall"},
    "CreateApplicationVersion": SHOP | {"VersionLabel": "v-9"},
    "CreateEnvironment": SHOP | {"EnvironmentName": "shop-test", "SolutionStackName": STACK},
    "CreateStorageLocation": {},
    "DeleteApplicationVersion": SHOP | {"VersionLabel": "shop-0"},
    "CreateConfigurationTemplate": SHOP | {"TemplateName": "saved-2", "SolutionStackName": STACK},
    "UpdateConfigurationTemplate": SHOP | {"TemplateName": "saved", "Description": "of May"},
    "DeleteConfigurationTemplate": SHOP | {"TemplateName": "saved"},
    "DeleteEnvironmentConfiguration": SHOP | STAGING,
    "DescribeAccountAttributes": {},
    "DescribeApplicationVersions": SHOP,
    "DescribeApplications": {},
    "DescribeConfigurationOptions": STAGING | SHOP,
    "DescribeConfigurationSettings": STAGING | SHOP,
    "DescribeEnvironmentHealth": STAGING | ALL,
    "DescribeEnvironmentResources": STAGING,
    "DescribeEnvironments": {},
    "DescribeEvents": {},
    "DescribeInstancesHealth": STAGING | ALL,
    "DescribePlatformVersion": {
        "PlatformArn": "arn:aws:elasticbeanstalk:us-east-1::platform/"
        "Tomcat 11 with Corretto 21 running on 64bit Amazon Linux 2023/5.7.0"
    },
    "ListAvailableSolutionStacks": {},
    "ListPlatformBranches": {},
    "ListPlatformVersions": {},
    "ListTagsForResource": {"ResourceArn": ARN},
    "RequestEnvironmentInfo": STAGING | {"InfoType": "tail"},
    "RestartAppServer": STAGING,
    "RetrieveEnvironmentInfo": STAGING | {"InfoType": "tail"},
    "SwapEnvironmentCNAMEs": {"SourceEnvironmentName": "shop-staging", "DestinationEnvironmentName": "shop-prod"},
    "TerminateEnvironment": STAGING,
    "UpdateApplication": SHOP | {"Description": "a shop"},
    "UpdateApplicationVersion": SHOP | {"VersionLabel": "shop-0", "Description": "the first"},
    "UpdateEnvironment": STAGING | OPTION,
    "UpdateTagsForResource": {"ResourceArn": ARN, "TagsToAdd.member.1.Key": "team", "TagsToAdd.member.1.Value": "a"},
    "ValidateConfigurationSettings": SHOP | STAGING | OPTION,
}


NEED_A_STATE = ("AbortEnvironmentUpdate", "ApplyEnvironmentManagedAction")


@pytest.mark.parametrize("operation", [name for name in IMPLEMENTED if name not in NEED_A_STATE])
def test_every_answer_fits_the_model(cloud: Cloud, operation: str) -> None:
    cloud.version("v-1")
    cloud.eb.create_configuration_template(ApplicationName="shop", TemplateName="saved", SolutionStackName=STACK)
    if operation in ("DescribeEvents", "DescribeConfigurationSettings", "DescribeInstancesHealth"):
        cloud.configure(Timeout="700")
        cloud.deploy("v-1")
    check(operation, *post(cloud, Action=operation, **REQUESTS[operation]))


def test_an_abort_has_an_empty_answer(cloud: Cloud) -> None:
    cloud.update(OptionSettings=[{"Namespace": "aws:elasticbeanstalk:command", "OptionName": "Timeout", "Value": "9"}])
    check("AbortEnvironmentUpdate", *post(cloud, Action="AbortEnvironmentUpdate", **STAGING))


def test_the_answer_of_a_managed_action_fits_the_model(cloud: Cloud) -> None:
    action = superseded(cloud)["ActionId"]
    given = {"EnvironmentName": "shop-old", "ActionId": action}
    check("ApplyEnvironmentManagedAction", *post(cloud, Action="ApplyEnvironmentManagedAction", **given))


def check(operation: str, status: int, _: str, body: str) -> None:
    assert status == 200, body
    root = ElementTree.fromstring(re.sub(r' xmlns="[^"]+"', "", body, count=1))  # noqa: S314 - our own
    assert root.tag == f"{operation}Response"
    assert root.find("ResponseMetadata/RequestId") is not None
    shape = MODEL.operation_model(operation).output_shape
    result = root.find(f"{operation}Result")
    if shape is None:
        assert result is None or not list(result)
    else:
        assert result is not None
        check_element(result, shape, operation)


def check_element(element: ElementTree.Element, shape: Any, where: str) -> None:
    text = element.text or ""
    match shape.type_name:
        case "structure":
            names = [child.tag for child in element]
            assert set(names) <= set(shape.members), where
            assert set(shape.required_members) <= set(names), where
            assert len(names) == len(set(names)), where
            for child in element:
                check_element(child, shape.members[child.tag], f"{where}.{child.tag}")
        case "list":
            assert {child.tag for child in element} <= {"member"}, where
            for child in element:
                check_element(child, shape.member, where)
        case "timestamp":
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text), f"{where}: {text}"
            assert datetime.fromisoformat(text)
        case "boolean":
            assert text in ("true", "false"), f"{where}: {text}"
        case "integer" | "long":
            assert re.fullmatch(r"-?\d+", text), f"{where}: {text}"
        case "double":
            assert float(text) >= 0, where
        case "string":
            values = shape.metadata.get("enum")
            if values and shape.name in UPPERCASE:
                values = [value.upper() for value in values]
            assert not values or shape.name in EITHER_WORD or text in values, f"{where}: {text}"
        case other:
            raise AssertionError(f"{where}: nothing checks a {other}")


def test_every_operation_has_a_request() -> None:
    assert sorted([*REQUESTS, *NEED_A_STATE]) == IMPLEMENTED


def test_the_document_lists_every_operation() -> None:
    document = (ROOT / "docs/stand-in.md").read_text()
    table = document.partition("### Operations")[2].partition("\n## ")[0]
    listed = {name for row in re.findall(r"^\| (`.+?) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    assert listed == set(IMPLEMENTED)
