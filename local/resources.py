"""From CloudFormation's resource types to the API calls that make them."""

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Properties = dict[str, Any]
Call = tuple[str, Properties]


@dataclass(frozen=True)
class Kind:
    """How one resource type is made; what is not said here has the same name in the API."""

    service: str
    create: str = ""
    """The operation that makes it."""
    name: str = ""
    """The property that is its physical name; where none is given, one is made up."""
    ref: str = "{name}"
    """What Ref reads: a format string over properties, answer, `name`, `region` and `account`."""
    attributes: Mapping[str, str] = field(default_factory=dict)
    """What GetAtt reads, in the same way."""
    shape: Callable[[Properties], Properties] = dict
    """Turns the properties into the operation's parameters where they differ."""
    later: Mapping[str, Callable[[str, Any], list[Call]]] = field(default_factory=dict)
    """Properties that are calls of their own once it is made: (physical name, value) → calls."""
    spread: Callable[[Properties], list[Call]] | None = None
    """For what is not a thing of its own but a setting of others: all its calls."""


def _each(operation: str, identifier: str, parameter: str = "") -> Callable[[str, Any], list[Call]]:
    return lambda name, values: [
        (operation, {identifier: name, **({parameter: value} if parameter else value)}) for value in values
    ]


def _one(operation: str, identifier: str, parameter: str) -> Callable[[str, Any], list[Call]]:
    return lambda name, value: [(operation, {identifier: name, parameter: value})]


def _attributes(*own: str) -> Callable[[Properties], Properties]:
    """Everything but the properties named goes into `Attributes`, as SQS and SNS want it."""
    return lambda properties: {
        **{name: value for name, value in properties.items() if name in own},
        "Attributes": {name: value for name, value in properties.items() if name not in own},
    }


def _without(properties: Properties, *names: str) -> Properties:
    return {name: value for name, value in properties.items() if name not in names}


def _table(properties: Properties) -> Properties:
    if "StreamSpecification" in properties:
        properties["StreamSpecification"]["StreamEnabled"] = True
    if "SSESpecification" in properties:
        specification = properties["SSESpecification"]
        specification["Enabled"] = specification.pop("SSEEnabled")
    return properties


def _no_code(properties: Properties, parameter: str) -> Properties:
    """moto only stores functions and layers; what runs is in the folder that `Code` names."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as bundle:
        bundle.writestr("empty", "")
    tags = {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}
    code = {parameter: {"ZipFile": archive.getvalue()}}
    return {**properties, **code, **({"Tags": tags} if tags else {})}


def _encryption(bucket: str, value: Any) -> list[Call]:
    rules = [
        {"ApplyServerSideEncryptionByDefault": rule.pop("ServerSideEncryptionByDefault"), **rule}
        for rule in value["ServerSideEncryptionConfiguration"]
    ]
    return _one("PutBucketEncryption", "Bucket", "ServerSideEncryptionConfiguration")(bucket, {"Rules": rules})


def _lifecycle(bucket: str, value: Any) -> list[Call]:
    rules = []
    for given in value["Rules"]:
        rule = {
            "ID": given["Id"],
            "Filter": {"Prefix": given.get("Prefix", "")},
            **_without(given, "Id", "Prefix"),
        }
        if "ExpirationInDays" in rule:
            rule["Expiration"] = {"Days": rule.pop("ExpirationInDays")}
        rules.append(rule)
    return _one("PutBucketLifecycleConfiguration", "Bucket", "LifecycleConfiguration")(bucket, {"Rules": rules})


def _notifications(bucket: str, value: Any) -> list[Call]:
    bridge = value.get("EventBridgeConfiguration")
    if bridge and not bridge.pop("EventBridgeEnabled"):
        del value["EventBridgeConfiguration"]
    return _one("PutBucketNotificationConfiguration", "Bucket", "NotificationConfiguration")(bucket, value)


def _queue_policy(properties: Properties) -> list[Call]:
    policy = {**_without(properties, "Queues", "PolicyDocument"), "Policy": properties["PolicyDocument"]}
    return [("SetQueueAttributes", {"QueueUrl": queue, "Attributes": policy}) for queue in properties["Queues"]]


def _topic_policy(properties: Properties) -> list[Call]:
    policy = {"AttributeName": "Policy", "AttributeValue": properties["PolicyDocument"]}
    rest = _without(properties, "Topics", "PolicyDocument")
    return [("SetTopicAttributes", {"TopicArn": topic, **policy, **rest}) for topic in properties["Topics"]]


def _bucket_policy(properties: Properties) -> list[Call]:
    return [
        (
            "PutBucketPolicy",
            {"Policy": properties["PolicyDocument"], **_without(properties, "PolicyDocument")},
        )
    ]


RESOURCES: dict[str, Kind] = {
    "AWS::CloudWatch::Alarm": Kind(
        "cloudwatch",
        "PutMetricAlarm",
        "AlarmName",
        attributes={"Arn": "arn:aws:cloudwatch:{region}:{account}:alarm:{name}"},
    ),
    "AWS::DynamoDB::Table": Kind(
        "dynamodb",
        "CreateTable",
        "TableName",
        shape=_table,
        attributes={
            "Arn": "{TableDescription[TableArn]}",
            "StreamArn": "{TableDescription[LatestStreamArn]}",
        },
        later={
            "PointInTimeRecoverySpecification": _one(
                "UpdateContinuousBackups", "TableName", "PointInTimeRecoverySpecification"
            ),
            "TimeToLiveSpecification": _one("UpdateTimeToLive", "TableName", "TimeToLiveSpecification"),
        },
    ),
    "AWS::Events::Rule": Kind(
        "events",
        "PutRule",
        "Name",
        attributes={"Arn": "{RuleArn}"},
        later={"Targets": lambda rule, targets: [("PutTargets", {"Rule": rule, "Targets": targets})]},
    ),
    "AWS::IAM::Role": Kind(
        "iam",
        "CreateRole",
        "RoleName",
        attributes={"Arn": "{Role[Arn]}", "RoleId": "{Role[RoleId]}"},
        later={
            "Policies": _each("PutRolePolicy", "RoleName"),
            "ManagedPolicyArns": _each("AttachRolePolicy", "RoleName", "PolicyArn"),
        },
    ),
    "AWS::Lambda::EventInvokeConfig": Kind("lambda", "PutFunctionEventInvokeConfig", ref="{FunctionArn}"),
    "AWS::Lambda::EventSourceMapping": Kind("lambda", "CreateEventSourceMapping", ref="{UUID}"),
    "AWS::Lambda::Function": Kind(
        "lambda",
        "CreateFunction",
        "FunctionName",
        shape=lambda properties: _no_code(properties, "Code"),
        attributes={"Arn": "{FunctionArn}"},
    ),
    "AWS::Lambda::LayerVersion": Kind(
        "lambda",
        "PublishLayerVersion",
        "LayerName",
        ref="{LayerVersionArn}",
        shape=lambda properties: _no_code(properties, "Content"),
        attributes={"LayerVersionArn": "{LayerVersionArn}"},
    ),
    "AWS::Lambda::Permission": Kind(
        "lambda",
        "AddPermission",
        "StatementId",
        attributes={"Id": "{name}"},
    ),
    "AWS::Logs::LogGroup": Kind(
        "logs",
        "CreateLogGroup",
        "LogGroupName",
        attributes={"Arn": "arn:aws:logs:{region}:{account}:log-group:{name}:*"},
        later={"RetentionInDays": _one("PutRetentionPolicy", "logGroupName", "retentionInDays")},
    ),
    "AWS::S3::Bucket": Kind(
        "s3",
        "CreateBucket",
        "BucketName",
        shape=lambda properties: {"Bucket": properties.pop("BucketName"), **properties},
        attributes={"Arn": "arn:aws:s3:::{name}", "DomainName": "{name}.s3.amazonaws.com"},
        later={
            "VersioningConfiguration": _one("PutBucketVersioning", "Bucket", "VersioningConfiguration"),
            "PublicAccessBlockConfiguration": _one("PutPublicAccessBlock", "Bucket", "PublicAccessBlockConfiguration"),
            "OwnershipControls": _one("PutBucketOwnershipControls", "Bucket", "OwnershipControls"),
            "BucketEncryption": _encryption,
            "LifecycleConfiguration": _lifecycle,
            "NotificationConfiguration": _notifications,
        },
    ),
    "AWS::S3::BucketPolicy": Kind("s3", spread=_bucket_policy),
    "AWS::SNS::Subscription": Kind("sns", "Subscribe", ref="{SubscriptionArn}"),
    "AWS::SNS::Topic": Kind(
        "sns",
        "CreateTopic",
        "Name",
        ref="{TopicArn}",
        shape=_attributes("Name", "Tags"),
        attributes={"TopicArn": "{TopicArn}", "TopicName": "{name}"},
    ),
    "AWS::SNS::TopicPolicy": Kind("sns", spread=_topic_policy),
    "AWS::SQS::Queue": Kind(
        "sqs",
        "CreateQueue",
        "QueueName",
        ref="{QueueUrl}",
        shape=_attributes("QueueName", "tags"),
        attributes={
            "Arn": "arn:aws:sqs:{region}:{account}:{name}",
            "QueueName": "{name}",
            "QueueUrl": "{QueueUrl}",
        },
    ),
    "AWS::SQS::QueuePolicy": Kind("sqs", spread=_queue_policy),
    "AWS::SSM::Parameter": Kind(
        "ssm",
        "PutParameter",
        "Name",
        attributes={"Type": "{Type}", "Value": "{Value}"},
    ),
    "AWS::Scheduler::Schedule": Kind(
        "scheduler",
        "CreateSchedule",
        "Name",
        attributes={"Arn": "{ScheduleArn}"},
    ),
    "AWS::SecretsManager::Secret": Kind("secretsmanager", "CreateSecret", "Name", ref="{ARN}"),
}
