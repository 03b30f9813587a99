"""Determines which IAM actions and resources an API call needs.

The table in `actions.yaml` and rules in this module state the needs.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml
from moto.elasticbeanstalk.models import eb_backends
from moto.secretsmanager.models import secretsmanager_backends

from local.settings import ACCOUNT, REGION, arn

Parameters = dict[str, Any]
Need = tuple[str, str]
"""An IAM action, and the ARN of the resource."""


@cache
def _table() -> dict[str, dict[str, Any]]:
    table: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("actions.yaml").read_text())
    return table


def needs(service: str, operation: str, given: Parameters) -> list[Need]:
    """Returns the actions that an operation needs.

    An operation without an entry in the table needs the action of the same name on every resource.
    """
    if (service, operation) == ("sts", "GetCallerIdentity") or (
        service == "elasticbeanstalk" and operation in FILTERED
    ):
        return []
    actions = _table()["actions"].get(service, {})
    if own := OWN.get(service):
        needed = own(operation, given)
    else:
        needed = [(operation.removesuffix("Batch"), resource) for resource in _named(service, given)]
    return [(f"{service}:{actions.get(action, action)}", resource) for action, resource in needed or [(operation, "*")]]


def _named(service: str, given: Parameters) -> list[str]:
    """Returns the ARNs of the resources that a parameter identifies by name, path, URL or ARN."""
    for parameter, pattern in _table()["resources"].get(service, {}).items():
        if parameter in given:
            names = given[parameter] if isinstance(given[parameter], list) else [given[parameter]]
            plain = [name.rsplit("/", 1)[-1] if parameter.endswith("Url") else name.lstrip("/") for name in names]
            return [name if name.startswith("arn:") else pattern.format(name) for name in plain]
    return []


def _s3(operation: str, given: Parameters) -> list[Need]:
    bucket = f"arn:aws:s3:::{given.get('Bucket', '*')}"
    if operation == "DeleteObjects":
        objects = given["Delete"]["Objects"]
        return [
            (_versioned("DeleteObject", of_a_version="VersionId" in each), f"{bucket}/{each['Key']}")
            for each in objects
        ]
    target = f"{bucket}/{given['Key']}" if "Key" in given else bucket
    needed = [(_versioned(operation, of_a_version="VersionId" in given), target)]
    if "CopySource" in given:
        source, _, version = given["CopySource"].partition("?versionId=")
        needed.insert(
            0, (_versioned("GetObject", of_a_version=bool(version)), f"arn:aws:s3:::{unquote(source).lstrip('/')}")
        )
    if given.get("Tagging") and operation in ("CopyObject", "CreateMultipartUpload", "PutObject"):
        needed.append(("PutObjectTagging", target))
    return needed


def _versioned(operation: str, *, of_a_version: bool) -> str:
    action: str = _table()["actions"]["s3"].get(operation, operation)
    return str(_table()["versioned"].get(action, action)) if of_a_version else action


def _dynamodb(operation: str, given: Parameters) -> list[Need]:
    def table(item: Parameters) -> str:
        index = f"/index/{item['IndexName']}" if "IndexName" in item else ""
        return arn("dynamodb", f"table/{item['TableName'].rsplit('/', 1)[-1]}{index}")

    if operation.startswith("Transact"):
        return [(kind, table(item)) for entry in given["TransactItems"] for kind, item in entry.items()]
    if "RequestItems" in given:
        return [(operation, table({"TableName": name})) for name in given["RequestItems"]]
    return [(operation, table(given))] if "TableName" in given else []


def _beanstalk(operation: str, given: Parameters) -> list[Need]:
    application, label = given.get("ApplicationName"), given.get("VersionLabel")
    resources = []
    if operation.endswith("ApplicationVersion"):
        resources.append(f"applicationversion/{application}/{label}")
    if operation in ("CreateApplicationVersion", "CreateApplication", "DeleteApplication", "UpdateApplication"):
        resources.append(f"application/{application}")
    if named := {given[name] for name in ("EnvironmentName", "EnvironmentId") if given.get(name)}:
        environments = eb_backends[ACCOUNT][REGION].environments.values()
        paths = [f"environment/{e.application_name}/{e.name}" for e in environments if named & {e.name, e.id}]
        resources += paths or [f"environment/{application or '*'}/{min(named)}"]
    return [(operation, arn("elasticbeanstalk", resource)) for resource in resources]


def source_bundle(operation: str, given: Parameters) -> dict[str, str] | None:
    """Returns the S3Location of the bundle that Beanstalk reads with the caller's permissions, or None.

    On AWS, the permissions of an environment's operations role are used instead. Operations roles are not simulated.
    """
    backend = eb_backends[ACCOUNT][REGION]
    if operation == "CreateApplicationVersion":
        return given.get("SourceBundle")
    if operation != "UpdateEnvironment" or "VersionLabel" not in given:
        return None
    names = {given.get("EnvironmentName"), given.get("EnvironmentId")}
    environments = (each for each in backend.environments.values() if names & {each.name, each.id})
    application = next((backend.applications[each.application_name] for each in environments), None)
    version = application.labelled.get(given["VersionLabel"]) if application else None
    return version.source_bundle if version else None


def _secretsmanager(operation: str, given: Parameters) -> list[Need]:
    """Returns the operation with the secret's ARN.

    A request may contain the secret's name or ARN, but policies are evaluated for the ARN.
    """
    secret = secretsmanager_backends[ACCOUNT][REGION].secrets.get(given.get("SecretId", ""))
    given_id = given.get("SecretId") or given.get("Name", "*")
    if secret:
        resource = secret.arn
    else:
        resource = given_id if given_id.startswith("arn:") else arn("secretsmanager", f"secret:{given_id}")
    return [(operation, resource)]


OWN = {"dynamodb": _dynamodb, "elasticbeanstalk": _beanstalk, "s3": _s3, "secretsmanager": _secretsmanager}
FILTERED: dict[str, Callable[[dict[str, str]], str]] = {
    "DescribeApplications": lambda entry: entry["ApplicationArn"],
    "DescribeApplicationVersions": lambda entry: entry["ApplicationVersionArn"],
    "DescribeEnvironments": lambda entry: entry["EnvironmentArn"],
    "DescribeEvents": lambda entry: arn(
        "elasticbeanstalk", f"environment/{entry['ApplicationName']}/{entry.get('EnvironmentName', '*')}"
    ),
}
"""The operations that return a list. Each is mapped to a function that returns the ARN of an entry.

Calls of these operations are never refused. Instead, the list omits entries that the caller is not allowed to read.
"""
