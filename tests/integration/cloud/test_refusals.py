"""What AWS refuses is refused, by API and in templates."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from local.settings import CannotStart

from .conftest import Mechanics


@pytest.fixture
def queue(mechanics: Mechanics) -> Callable[..., str]:
    def made(**attributes: str) -> str:
        fifo = ".fifo" if attributes.get("FifoQueue") else ""
        sqs = mechanics.cloud.client("sqs")
        url = sqs.create_queue(QueueName=f"{uuid.uuid4().hex}{fifo}", Attributes=attributes)["QueueUrl"]
        answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return str(answer["Attributes"]["QueueArn"])

    return made


def test_a_fifo_queue_cannot_subscribe_to_a_standard_topic(mechanics: Mechanics) -> None:
    sns = mechanics.cloud.client("sns")
    topic = sns.create_topic(Name=uuid.uuid4().hex)["TopicArn"]
    with pytest.raises(ClientError, match="FIFO SQS Queues can not be subscribed to standard SNS topics"):
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=mechanics.cloud.resources["Line"]["Arn"])


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
    mechanics: Mechanics, queue: Callable[..., str], attributes: dict[str, str], mapping: dict[str, Any], reason: str
) -> None:
    with pytest.raises((ClientError, ParamValidationError), match=reason):
        mechanics.cloud.client("lambda").create_event_source_mapping(
            EventSourceArn=queue(**attributes), FunctionName=mechanics.ref("Worker"), **mapping
        )


def test_a_dead_letter_queue_must_have_the_same_type(mechanics: Mechanics, queue: Callable[..., str]) -> None:
    policy = f'{{"deadLetterTargetArn": "{queue(FifoQueue="true")}", "maxReceiveCount": "2"}}'
    with pytest.raises(ClientError, match="same type"):
        mechanics.cloud.client("sqs").create_queue(QueueName=uuid.uuid4().hex, Attributes={"RedrivePolicy": policy})


@pytest.mark.parametrize("name", ["/own/my shop", "/own/a+b", "own/shop", "/own/", "/own/상점"])
def test_a_parameter_has_only_a_few_characters_in_its_name(mechanics: Mechanics, name: str) -> None:
    ssm = mechanics.cloud.client("ssm")
    with pytest.raises(ClientError, match="each sub-path can be formed as a mix of letters, numbers"):
        ssm.put_parameter(Name=name, Type="String", Value="x")
    with pytest.raises(ClientError, match="ValidationException"):
        ssm.get_parameter(Name=name)


@pytest.mark.parametrize("expression", ["rate(5 parsecs)", "cron(0 3 * * * *)", "cron(0 25 * * ? *)", "every day"])
def test_an_invalid_schedule_is_refused(mechanics: Mechanics, expression: str) -> None:
    role = mechanics.cloud.resources["WorkerRole"]["Arn"]
    with pytest.raises(ClientError, match="ValidationException"):
        mechanics.cloud.client("scheduler").create_schedule(
            Name=uuid.uuid4().hex,
            ScheduleExpression=expression,
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": mechanics.cloud.resources["Worker"]["Arn"], "RoleArn": role},
        )


def made(template: dict[str, Any]) -> Any:
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
        made({"Resources": resources})
