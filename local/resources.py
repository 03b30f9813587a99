"""From CloudFormation's resource types to API calls: the table in `resources.yaml`, and what a table cannot say."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

Properties = dict[str, Any]
Call = tuple[str, Properties]


@dataclass(frozen=True)
class Kind:
    """How one resource type is made; `resources.yaml` says what each field means."""

    service: str
    create: str
    name: str = ""
    ref: str = "{name}"
    identifier: str = ""
    spread: str = ""
    """For what is only a setting of others: the property that lists them. One call for each."""
    attributes: dict[str, str] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    later: dict[str, list[str]] = field(default_factory=dict)
    each: dict[str, list[str]] = field(default_factory=dict)

    def calls(self, kind: str, name: str, properties: Properties) -> list[Call]:
        """All that makes it; the first call's answer is the resource's."""
        if kind in _OWN:
            properties = _OWN[kind](properties)
        if self.spread:
            others = properties.pop(self.spread)
            return [(self.create, {**properties, **one}) for one in others]
        identified: Properties = {self.identifier or self.name: name}
        rest = [
            (operation, {**identified, parameter: properties.pop(own)})
            for own, (operation, parameter) in self.later.items()
            if own in properties
        ]
        for own, (operation, *parameter) in self.each.items():
            for value in properties.pop(own, []):
                rest.append((operation, {**identified, **({parameter[0]: value} if parameter else value)}))
        return [(self.create, {self.renamed.get(n, n): value for n, value in properties.items()}), *rest]


@cache
def resources() -> dict[str, Kind]:
    table = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text())
    return {kind: Kind(**row) for kind, row in table.items()}


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
    if specification := properties.get("SSESpecification"):
        specification["Enabled"] = specification.pop("SSEEnabled")
    return properties


def _stored(parameter: str) -> Callable[[Properties], Properties]:
    """moto only stores functions and layers; what runs is in the folder that their code names."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as bundle:
        bundle.writestr("empty", "")
    return lambda properties: {**properties, parameter: {"ZipFile": archive.getvalue()}}


def _bucket(properties: Properties) -> Properties:
    if encryption := properties.get("BucketEncryption"):
        rules = encryption.pop("ServerSideEncryptionConfiguration")
        for rule in rules:
            rule["ApplyServerSideEncryptionByDefault"] = rule.pop("ServerSideEncryptionByDefault")
        encryption["Rules"] = rules
    for rule in properties.get("LifecycleConfiguration", {}).get("Rules", []):
        rule["ID"], rule["Filter"] = rule.pop("Id"), {"Prefix": rule.pop("Prefix", "")}
        if "ExpirationInDays" in rule:
            rule["Expiration"] = {"Days": rule.pop("ExpirationInDays")}
    notifications = properties.get("NotificationConfiguration", {})
    bridge = notifications.get("EventBridgeConfiguration")
    if bridge and not bridge.pop("EventBridgeEnabled"):
        del notifications["EventBridgeConfiguration"]
    return properties


def _queue_policy(properties: Properties) -> Properties:
    policy = {"Attributes": {"Policy": properties["PolicyDocument"]}}
    queues = [{"QueueUrl": queue, **policy} for queue in properties["Queues"]]
    return {**_without(properties, "PolicyDocument"), "Queues": queues}


def _topic_policy(properties: Properties) -> Properties:
    policy = {"AttributeName": "Policy", "AttributeValue": properties["PolicyDocument"]}
    topics = [{"TopicArn": topic, **policy} for topic in properties["Topics"]]
    return {**_without(properties, "PolicyDocument"), "Topics": topics}


_OWN: dict[str, Callable[[Properties], Properties]] = {
    "AWS::DynamoDB::Table": _table,
    "AWS::Lambda::Function": _stored("Code"),
    "AWS::Lambda::LayerVersion": _stored("Content"),
    "AWS::S3::Bucket": _bucket,
    "AWS::SNS::Topic": _attributes("TopicName", "Tags"),
    "AWS::SNS::TopicPolicy": _topic_policy,
    "AWS::SQS::Queue": _attributes("QueueName", "Tags"),
    "AWS::SQS::QueuePolicy": _queue_policy,
}
