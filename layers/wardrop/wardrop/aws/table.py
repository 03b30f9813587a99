"""One DynamoDB table, as Wardrop reads and writes it."""

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from wardrop.errors import Outdated

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOST_AT_ONCE = 100
"""Operations of one transaction."""

CONFLICT_PAUSES = (0.05, 0.1, 0.2, 0.4, None)
"""Seconds."""

NEW = {"ConditionExpression": "attribute_not_exists(pk)"}


class Table:
    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def _put(self, pk: str, sk: str, fields: dict[str, Any], condition: dict[str, Any] | None = None) -> Any:
        item = {name: SERIALIZER.serialize(value) for name, value in fields.items() if value is not None}
        return {"Put": {"TableName": self._table, "Item": item | item_key(pk, sk), **(condition or {})}}

    def _get(self, pk: str, sk: str) -> dict[str, Any] | None:
        answer = self._dynamodb.get_item(TableName=self._table, Key=item_key(pk, sk), ConsistentRead=True)
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
        try:
            self._dynamodb.update_item(**update)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return False
        return True


def item_key(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def application_key(name: str) -> str:
    return f"application/{name}"


def written(at: datetime) -> str:
    """In one form, so that DynamoDB compares times as texts."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


class _Numbers(TypeDeserializer):
    """boto3 makes every number a Decimal, also the whole ones, and takes no float back."""

    def _deserialize_n(self, value: str) -> int | Decimal:
        return int(value) if value.lstrip("-").isdigit() else Decimal(value)


SERIALIZER = TypeSerializer()
DESERIALIZER = _Numbers()


def plain(item: dict[str, Any]) -> dict[str, Any]:
    return {name: DESERIALIZER.deserialize(value) for name, value in item.items()}
