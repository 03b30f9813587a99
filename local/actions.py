"""Which IAM actions on which resources an API call needs; AWS's service authorization reference."""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from moto.elasticbeanstalk.models import eb_backends
from moto.secretsmanager.models import secretsmanager_backends

from local.settings import ACCOUNT, REGION, arn

Parameters = dict[str, Any]
Need = tuple[str, str]

ANYONE_MAY = {("sts", "GetCallerIdentity")}
S3_ACTIONS = {
    "CompleteMultipartUpload": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListBuckets": "ListAllMyBuckets",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListObjectVersions": "ListBucketVersions",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListParts": "ListMultipartUploadParts",
    "UploadPart": "PutObject",
    "GetObjectAttributes": "GetObject",
}
OF_VERSIONS = {
    "DeleteObject": "DeleteObjectVersion",
    "GetObject": "GetObjectVersion",
    "GetObjectTagging": "GetObjectVersionTagging",
    "PutObjectTagging": "PutObjectVersionTagging",
}
TRANSACTED = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}


def needs(service: str, operation: str, given: Parameters) -> list[Need]:
    """An operation that is not known here needs its own name on every resource."""
    if (service, operation) in ANYONE_MAY or (service == "elasticbeanstalk" and operation in FILTERED):
        return []
    known = _SERVICES.get(service)
    found = known(operation, given) if known else []
    return found or [(f"{service}:{operation}", "*")]


def _s3(operation: str, given: Parameters) -> list[Need]:
    bucket = f"arn:aws:s3:::{given.get('Bucket', '*')}"
    target = f"{bucket}/{given['Key']}" if "Key" in given else bucket
    if operation == "DeleteObjects":
        return [
            (f"s3:DeleteObject{'Version' if 'VersionId' in item else ''}", f"{bucket}/{item['Key']}")
            for item in given["Delete"]["Objects"]
        ]
    found: list[Need] = []
    if operation in ("CopyObject", "UploadPartCopy"):
        source, _, version = given["CopySource"].partition("?versionId=")
        from_bucket, _, key = unquote(source).lstrip("/").partition("/")
        found.append((f"s3:GetObject{'Version' if version else ''}", f"arn:aws:s3:::{from_bucket}/{key}"))
        operation = "PutObject"
    action = S3_ACTIONS.get(operation, operation)
    if "VersionId" in given:
        action = OF_VERSIONS.get(action, action)
    found.append((f"s3:{action}", target))
    if action == "PutObject" and given.get("Tagging"):
        found.append(("s3:PutObjectTagging", target))
    return found


def _dynamodb(operation: str, given: Parameters) -> list[Need]:
    def table(item: Parameters) -> str:
        name = item["TableName"].rsplit("/", 1)[-1]
        index = f"/index/{item['IndexName']}" if "IndexName" in item else ""
        return arn("dynamodb", f"table/{name}{index}")

    if operation.startswith("Transact"):
        return [
            (f"dynamodb:{TRANSACTED[kind]}", table(item))
            for entry in given["TransactItems"]
            for kind, item in entry.items()
        ]
    if operation.startswith("Batch"):
        return [(f"dynamodb:{operation}", table({"TableName": name})) for name in given["RequestItems"]]
    return [(f"dynamodb:{operation}", table(given))] if "TableName" in given else []


def _sqs(operation: str, given: Parameters) -> list[Need]:
    name = given.get("QueueName") or given.get("QueueUrl", "*").rsplit("/", 1)[-1]
    return [(f"sqs:{operation.removesuffix('Batch')}", arn("sqs", name))]


def _sns(operation: str, given: Parameters) -> list[Need]:
    return [(f"sns:{operation.removesuffix('Batch')}", given.get("TopicArn", "*"))]


def _ssm(operation: str, given: Parameters) -> list[Need]:
    names = given.get("Names") or [given.get("Name") or given.get("Path", "*")]
    return [(f"ssm:{operation}", arn("ssm", f"parameter/{name.lstrip('/')}")) for name in names]


def _secrets(operation: str, given: Parameters) -> list[Need]:
    secret = given.get("SecretId", "*")
    held = secretsmanager_backends[ACCOUNT][REGION].secrets.get(secret) if ":" not in secret else None
    return [(f"secretsmanager:{operation}", held.arn if held else secret)]


def _lambda(operation: str, given: Parameters) -> list[Need]:
    name = given.get("FunctionName", "*").rsplit(":", 1)[-1]
    return [
        (
            "lambda:InvokeFunction" if operation == "Invoke" else f"lambda:{operation}",
            arn("lambda", f"function:{name}"),
        )
    ]


def _events(operation: str, given: Parameters) -> list[Need]:
    if operation != "PutEvents":
        return []
    buses = {entry.get("EventBusName", "default").rsplit("/", 1)[-1] for entry in given["Entries"]}
    return [("events:PutEvents", arn("events", f"event-bus/{bus}")) for bus in sorted(buses)]


def _beanstalk(operation: str, given: Parameters) -> list[Need]:
    application, label = given.get("ApplicationName"), given.get("VersionLabel")
    wanted = {given[name] for name in ("EnvironmentName", "EnvironmentId") if given.get(name)}
    resources = []
    if operation.endswith("ApplicationVersion"):
        resources.append(f"applicationversion/{application}/{label}")
    if operation in (
        "CreateApplicationVersion",
        "CreateApplication",
        "DeleteApplication",
        "UpdateApplication",
    ):
        resources.append(f"application/{application}")
    if wanted:
        environments = eb_backends[ACCOUNT][REGION].environments.values()
        resources += [
            f"environment/{one.application_name}/{one.name}" for one in environments if wanted & {one.name, one.id}
        ] or [f"environment/{application or '*'}/{min(wanted)}"]
    return [(f"elasticbeanstalk:{operation}", arn("elasticbeanstalk", resource)) for resource in resources]


FILTERED: dict[str, Callable[[dict[str, str]], str]] = {
    "DescribeApplications": lambda shown: shown["ApplicationArn"],
    "DescribeApplicationVersions": lambda shown: shown["ApplicationVersionArn"],
    "DescribeEnvironments": lambda shown: shown["EnvironmentArn"],
    "DescribeEvents": lambda shown: arn(
        "elasticbeanstalk",
        f"environment/{shown.get('ApplicationName')}/{shown['EnvironmentName']}"
        if "EnvironmentName" in shown
        else f"application/{shown.get('ApplicationName')}",
    ),
}
"""Beanstalk's lists hold what the caller may see and are never refused; the ARN of an entry."""

_SERVICES: dict[str, Callable[[str, Parameters], list[Need]]] = {
    "dynamodb": _dynamodb,
    "elasticbeanstalk": _beanstalk,
    "events": _events,
    "lambda": _lambda,
    "s3": _s3,
    "secretsmanager": _secrets,
    "sns": _sns,
    "sqs": _sqs,
    "ssm": _ssm,
}
