"""The stand-in refuses the requests and templates that AWS refuses."""

import uuid
from collections.abc import Callable
from typing import Any

import boto3.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError

from local.settings import REGION, CannotStart

from .conftest import SmallStack


@pytest.fixture
def queue(small_stack: SmallStack) -> Callable[..., str]:
    def create(**attributes: str) -> str:
        fifo = ".fifo" if attributes.get("FifoQueue") else ""
        sqs = small_stack.cloud.client("sqs")
        url = sqs.create_queue(QueueName=f"{uuid.uuid4().hex}{fifo}", Attributes=attributes)["QueueUrl"]
        answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return str(answer["Attributes"]["QueueArn"])

    return create


def test_a_fifo_queue_cannot_subscribe_to_a_standard_topic(small_stack: SmallStack) -> None:
    sns = small_stack.cloud.client("sns")
    topic = sns.create_topic(Name=uuid.uuid4().hex)["TopicArn"]
    with pytest.raises(ClientError, match="FIFO SQS Queues can not be subscribed to standard SNS topics"):
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=small_stack.cloud.resources["Line"]["Arn"])


@pytest.mark.parametrize(
    ("attributes", "mapping", "reason"),
    [
        ({}, {"ScalingConfig": {"MaximumConcurrency": 1}}, "valid min value: 2"),
        ({"VisibilityTimeout": "1"}, {}, "visibility timeout: 1 seconds is less than Function timeout: 2 seconds"),
        ({}, {"BatchSize": 11}, "batch window"),
        ({"FifoQueue": "true"}, {"BatchSize": 11}, "FIFO"),
        ({"FifoQueue": "true"}, {"MaximumBatchingWindowInSeconds": 1}, "FIFO"),
    ],
)
def test_invalid_mappings_are_refused(
    small_stack: SmallStack, queue: Callable[..., str], attributes: dict[str, str], mapping: dict[str, Any], reason: str
) -> None:
    with pytest.raises((ClientError, ParamValidationError), match=reason):
        small_stack.cloud.client("lambda").create_event_source_mapping(
            EventSourceArn=queue(**attributes), FunctionName=small_stack.ref("Worker"), **mapping
        )


def test_a_dead_letter_queue_must_have_the_same_type(small_stack: SmallStack, queue: Callable[..., str]) -> None:
    policy = f'{{"deadLetterTargetArn": "{queue(FifoQueue="true")}", "maxReceiveCount": "2"}}'
    with pytest.raises(ClientError, match="same type"):
        small_stack.cloud.client("sqs").create_queue(QueueName=uuid.uuid4().hex, Attributes={"RedrivePolicy": policy})


@pytest.mark.parametrize("name", ["/own/my shop", "/own/a+b", "own/shop", "/own/", "/own/상점"])
def test_a_parameter_name_with_other_characters_is_refused(small_stack: SmallStack, name: str) -> None:
    ssm = small_stack.cloud.client("ssm")
    with pytest.raises(ClientError, match="each sub-path can be formed as a mix of letters, numbers"):
        ssm.put_parameter(Name=name, Type="String", Value="x")
    with pytest.raises(ClientError, match="ValidationException"):
        ssm.get_parameter(Name=name)


@pytest.mark.parametrize("expression", ["rate(5 parsecs)", "cron(0 3 * * * *)", "cron(0 25 * * ? *)", "every day"])
def test_an_invalid_schedule_is_refused(small_stack: SmallStack, expression: str) -> None:
    role = small_stack.cloud.resources["WorkerRole"]["Arn"]
    with pytest.raises(ClientError, match="ValidationException"):
        small_stack.cloud.client("scheduler").create_schedule(
            Name=uuid.uuid4().hex,
            ScheduleExpression=expression,
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": small_stack.cloud.resources["Worker"]["Arn"], "RoleArn": role},
        )


def create_stack(template: dict[str, Any]) -> Any:
    from local.aws.provisioning import Stack

    class Client:
        def __init__(self, service: str) -> None:
            import botocore.session

            session = botocore.session.get_session()
            self.meta = session.create_client(service, region_name="us-east-1").meta

        def _make_api_call(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
            return {"operation": operation, **parameters}

    return Stack(template, {}, Client).create()


@pytest.mark.parametrize(
    ("resources", "reason"),
    [
        ({"A": {"Type": "AWS::S3::Bukket"}}, "A: AWS::S3::Bukket is not supported here"),
        ({"A": {"Type": "AWS::S3::Bucket", "Properties": {"Colour": "red"}}}, "A: the property Colour"),
        (
            {"A": {"Type": "AWS::S3::Bucket", "Properties": {"VersioningConfiguration": {"Colour": "red"}}}},
            "VersioningConfiguration.Colour",
        ),
        ({"A": {"Type": "AWS::SQS::Queue", "Properties": {"Fifo": True}}}, "A: the property Attributes.Fifo"),
        ({"A": {"Type": "AWS::S3::Bucket", "UpdatePolicy": {}}}, "UpdatePolicy is not supported here"),
        ({"A": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Ref": "B"}}}}, "refers to B"),
        ({"A": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Cidr": []}}}}, "Fn::Cidr"),
        ({"A": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Ref": "A"}}}}, "circular"),
    ],
)
def test_an_unknown_part_of_a_template_is_named(resources: dict[str, Any], reason: str) -> None:
    with pytest.raises(CannotStart, match=reason):
        create_stack({"Resources": resources})


def test_a_refusal_has_a_code_that_clients_know_by_type(small_stack: SmallStack) -> None:
    scheduler, ssm = small_stack.cloud.client("scheduler"), small_stack.cloud.client("ssm")
    target = {"Arn": small_stack.ref("Line"), "RoleArn": "arn:aws:iam::123456789012:role/r"}
    schedule = {"Name": "daily", "FlexibleTimeWindow": {"Mode": "OFF"}, "ScheduleExpression": "every day"}
    with pytest.raises(scheduler.exceptions.ValidationException):
        scheduler.create_schedule(**schedule, Target=target)
    with pytest.raises(ClientError) as caught:
        ssm.get_parameter(Name="no spaces")
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_a_queue_needs_a_name(small_stack: SmallStack) -> None:
    session: Any = boto3.session.Session()
    sqs = session.client(
        "sqs",
        endpoint_url=small_stack.cloud.endpoint,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(parameter_validation=False),
    )
    with pytest.raises(ClientError, match=r"The request must contain the parameter QueueName\."):
        sqs.create_queue()
