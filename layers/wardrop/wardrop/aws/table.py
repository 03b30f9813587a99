"""A DynamoDB table with `pk` and `sk`: records in and out, all or nothing. The only module that knows DynamoDB.

Items only gain fields, and fields that this code does not know are kept.
"""

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from wardrop.errors import Outdated

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ACTIVE_INDEX = "active"
"""Sparse: what has the attribute `active` is found by it, a moment late maybe."""

ACTIVE_ENVIRONMENT = "environment"
"""What the index has of environments: deployments, settings and incidents, told apart by their keys."""

MOST_AT_ONCE = 100
"""Operations of one transaction."""

CONFLICT_PAUSES = (0.05, 0.1, 0.2, 0.4, None)
"""Seconds."""

Record = TypeVar("Record", bound=msgspec.Struct)


class Table:
    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def _put(self, pk: str, sk: str, fields: dict[str, Any], condition: dict[str, Any] | None = None) -> Any:
        item = {name: _SERIALIZER.serialize(value) for name, value in fields.items() if value is not None}
        return {"Put": {"TableName": self._table, "Item": item | key(pk, sk), **(condition or {})}}

    def _get(self, pk: str, sk: str) -> dict[str, Any] | None:
        answer = self._dynamodb.get_item(TableName=self._table, Key=key(pk, sk), ConsistentRead=True)
        return plain(answer["Item"]) if "Item" in answer else None

    def _query(
        self, pk: str, prefix: str, most: int | None = None, *, forward: bool = True, **given: Any
    ) -> Iterable[dict[str, Any]]:
        more: dict[str, Any] = {"Limit": most} if most else {}
        while True:
            answer = self._dynamodb.query(
                TableName=self._table,
                KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
                ExpressionAttributeValues={":pk": {"S": pk}, ":prefix": {"S": prefix}},
                ConsistentRead=True,
                ScanIndexForward=forward,
                **given,
                **more,
            )
            yield from (plain(item) for item in answer["Items"])
            if most or "LastEvaluatedKey" not in answer:
                return
            more = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def _indexed(self, value: str, names: str = "environment", most: int | None = None) -> list[dict[str, Any]]:
        """The attributes of what is active as `value`."""
        found: list[dict[str, Any]] = []
        more: dict[str, Any] = {"Limit": most} if most else {}
        while True:
            answer = self._dynamodb.query(
                TableName=self._table,
                IndexName=ACTIVE_INDEX,
                KeyConditionExpression="active = :active",
                ExpressionAttributeValues={":active": {"S": value}},
                ProjectionExpression=names,
                **more,
            )
            found += [plain(item) for item in answer["Items"]]
            if most or "LastEvaluatedKey" not in answer:
                return found
            more = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def _write(self, *writes: Any) -> None:
        """All or nothing. Raises Outdated if a condition does not hold."""
        for pause in CONFLICT_PAUSES:
            try:
                self._dynamodb.transact_write_items(TransactItems=writes)
            except ClientError as error:
                codes = {reason.get("Code") for reason in error.response.get("CancellationReasons", [])}
                if "ConditionalCheckFailed" in codes:
                    raise Outdated("the ledger has changed meanwhile") from error
                # Another transaction is at one of the items; botocore does not retry that.
                if "TransactionConflict" not in codes or pause is None:
                    raise
                time.sleep(pause)
            else:
                return

    def _updated(self, update: dict[str, Any]) -> bool:
        """False if its condition does not hold."""
        try:
            self._dynamodb.update_item(**update)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return False
        return True


NEW = {"ConditionExpression": "attribute_not_exists(pk)"}


def as_read(record: Any) -> dict[str, Any]:
    """Only if the item is as it was read; `revision` 0 is that of an item that is not there yet."""
    if record.revision == 0:
        return NEW
    return {
        "ConditionExpression": "revision = :read",
        "ExpressionAttributeValues": {":read": {"N": str(record.revision)}},
    }


def key(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def application_key(name: str) -> str:
    return f"application/{name}"


def environment_key(name: str) -> str:
    return f"environment/{name}"


def written(at: datetime) -> str:
    """In one form, so that DynamoDB compares times as texts."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


class _Numbers(TypeDeserializer):
    """boto3 makes every number a Decimal, also the whole ones, and takes no float back."""

    def _deserialize_n(self, value: str) -> int | Decimal:
        return int(value) if value.lstrip("-").isdigit() else Decimal(value)


_SERIALIZER = TypeSerializer()
_DESERIALIZER = _Numbers()


def plain(item: dict[str, Any]) -> dict[str, Any]:
    return {name: _DESERIALIZER.deserialize(value) for name, value in item.items()}


def fields(record: msgspec.Struct) -> dict[str, Any]:
    """As it is written, one revision on, with what was there and this code does not know."""
    unknown: dict[str, Any] = getattr(record, "unknown", {})
    known = msgspec.structs.replace(record, unknown={}) if unknown else record
    written: dict[str, Any] = msgspec.to_builtins(known)
    written.pop("unknown", None)
    if "revision" in written:
        written["revision"] += 1
    merged: dict[str, Any] = _merged(unknown, written)
    return merged


def _merged(old: Any, new: Any) -> Any:
    """The new, with the fields that only the old has; an element of a list is known again by its other fields."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old | {name: _merged(old.get(name), value) for name, value in new.items()}
    if isinstance(old, list) and isinstance(new, list) and new and isinstance(new[0], dict):
        richer = [one for one in old if isinstance(one, dict) and one.keys() - new[0].keys()]
        return [next((one for one in richer if one | each == one), each) for each in new]
    return new


def record_of(kind: type[Record], item: dict[str, Any]) -> Record:
    record: Record = msgspec.convert(item, kind)
    item = {name: value for name, value in item.items() if name not in ("pk", "sk", "active")}
    known = msgspec.to_builtins(record)
    return msgspec.structs.replace(record, unknown=item) if _merged(item, known) != known else record
