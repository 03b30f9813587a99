"""The endpoint for commands: a function URL, or an HTTP API in the regions without function URLs."""

import json
from functools import cache
from typing import Any

import pytest

from local.aws.template import PSEUDO, Resolver
from tests import gate
from tests.unit.samples import ROOT
from wardrop.aws.function_urls import read_request

ENDPOINTS = {"AWS::Lambda::Url", "AWS::ApiGatewayV2::Api"}


@cache
def template() -> dict[str, Any]:
    return gate.expand(gate.TEMPLATE.read_text())


def resolver(region: str = "us-east-1", partition: str = "aws", **parameters: str) -> Resolver:
    pseudo = {**PSEUDO, "AWS::Region": region, "AWS::Partition": partition}
    return Resolver(template(), parameters, lambda name: name, lambda name, _: f"https://{name}", pseudo)


def endpoints(resolve: Resolver) -> list[str]:
    return [
        resource["Type"]
        for resource in template()["Resources"].values()
        if resource["Type"] in ENDPOINTS and resolve.holds(resource["Condition"])
    ]


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", "ap-southeast-2", "ca-central-1"])
def test_a_region_with_function_urls_has_one_and_no_api(region):
    assert endpoints(resolver(region)) == ["AWS::Lambda::Url"]


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        *((region, "aws") for region in ("ap-east-2", "ap-southeast-7", "ca-west-1", "eu-south-2", "il-central-1")),
        ("mx-central-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
    ],
)
def test_a_region_without_function_urls_has_an_api(region, partition):
    assert endpoints(resolver(region, partition)) == ["AWS::ApiGatewayV2::Api"]


@pytest.mark.parametrize(
    ("chosen", "made"), [("function-url", "AWS::Lambda::Url"), ("http-api", "AWS::ApiGatewayV2::Api")]
)
@pytest.mark.parametrize("region", ["us-east-1", "il-central-1"])
def test_the_parameter_overrides_the_list_of_regions(region, chosen, made):
    assert endpoints(resolver(region, CommandEndpoint=chosen)) == [made]


@pytest.mark.parametrize(
    ("region", "url"), [("us-east-1", "https://RunCommandUrl"), ("il-central-1", "https://CommandApi/")]
)
def test_the_outputs_name_the_endpoint_of_the_region(region, url):
    resolve = resolver(region)
    outputs = json.loads(resolve(template()["Resources"]["StackOutputs"]["Properties"]["Value"]))
    assert outputs["RunCommandUrl"] == url
    assert resolve(template()["Outputs"]["RunCommandUrl"]["Value"]) == url


def test_the_caller_of_an_api_is_the_one_that_iam_authenticated():
    event = json.loads((ROOT / "events/run_command/status_by_http_api_200.json").read_text())
    signed = read_request(event)
    assert signed.caller == "arn:aws:sts::123456789012:assumed-role/release-managers/jane"
    assert signed.body == b'{"command": "status"}'


def test_an_api_without_an_authenticated_caller_has_no_caller():
    event = json.loads((ROOT / "events/run_command/status_by_http_api_200.json").read_text())
    del event["requestContext"]["authorizer"]
    assert read_request(event).caller is None
