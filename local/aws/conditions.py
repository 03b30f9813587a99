"""Determines a call's values for the condition keys of S3 and DynamoDB (AWS, "Service Authorization Reference")."""

import re
from collections.abc import Iterator
from typing import Any

from moto.dynamodb.models import dynamodb_backends

from local.aws.policies import Context
from local.settings import ACCOUNT, REGION

Given = dict[str, Any]
CREATES = ("CompleteMultipartUpload", "CopyObject", "PutObject")


def conditions(service: str, operation: str, given: Given) -> Context:
    if service == "dynamodb":
        return {"dynamodb:leadingkeys": [value for name, part in _parts(given) for value in _leading(name, part)]}
    if service == "s3":
        stated = {"s3:if-none-match": given["IfNoneMatch"]} if "IfNoneMatch" in given else {}
        return {**stated, "s3:objectcreationoperation": str(operation in CREATES).lower()}
    return {}


def _parts(given: Given) -> Iterator[tuple[str, Given]]:
    """Returns the items or keys in a request, each with its table. For a query, returns the whole request."""
    for entry in given.get("TransactItems", []):
        for part in entry.values():
            yield part["TableName"], part
    for table, requests in given.get("RequestItems", {}).items():
        for key in requests["Keys"] if isinstance(requests, dict) else ():
            yield table, {"Key": key}
        for request in () if isinstance(requests, dict) else requests:
            yield table, next(iter(request.values()))
    if "TableName" in given:
        yield given["TableName"], given


def _leading(name: str, part: Given) -> Iterator[str]:
    table = dynamodb_backends[ACCOUNT][REGION].tables.get(name.rsplit("/", 1)[-1])
    if table is None:
        return
    index = next((index for index in table.all_indexes() if index.name == part.get("IndexName")), table)
    attribute = next(key["AttributeName"] for key in index.schema if key["KeyType"] == "HASH")
    if item := part.get("Key") or part.get("Item"):
        yield from item.get(attribute, {}).values()
    for shown, value in re.findall(r"([#\w]+)\s*=\s*(:\w+)", part.get("KeyConditionExpression", "")):
        if part.get("ExpressionAttributeNames", {}).get(shown, shown) == attribute:
            yield from part["ExpressionAttributeValues"][value].values()
