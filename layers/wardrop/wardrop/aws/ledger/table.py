"""Reads and writes a DynamoDB table with the key attributes `pk` and `sk`. Only this module calls DynamoDB."""

import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from wardrop.aws.ledger.item import Item, Key, serialized, unserialized
from wardrop.aws.ledger.refusals import Cancellation, call_error, cancellation, transaction_error
from wardrop.errors import LedgerBusy

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ACTIVE_INDEX = "active"
"""The name of the index of all items that have the attribute `active`. The index is eventually consistent."""

MOST_AT_ONCE = 100
"""The maximum number of operations in one transaction, and of keys in one call to BatchGetItem."""

PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)
"""The pauses before the retries of a cancelled transaction or of unprocessed keys. In total they last 1.55 seconds.

These retries are needed because botocore retries only refused calls, not cancelled transactions and unprocessed keys.
"""


@dataclass(frozen=True)
class Condition:
    """A condition expression with its values."""

    expression: str
    values: Mapping[str, Any] = field(default_factory=dict)


NEW = Condition("attribute_not_exists(pk)")


def has_revision(revision: int) -> Condition:
    """Returns the condition that an item has not changed since it was read.

    Revision 0 means that the item did not exist.
    """
    return Condition("revision = :read", {":read": revision}) if revision else NEW


@dataclass(frozen=True)
class Put:
    key: Key
    attributes: Mapping[str, Any]
    condition: Condition | None = None


@dataclass(frozen=True)
class Update:
    """An update expression. If the item does not exist, the update creates it, unless the condition prevents this."""

    key: Key
    expression: str
    values: Mapping[str, Any] = field(default_factory=dict)
    condition: Condition | None = None


@dataclass(frozen=True)
class Delete:
    key: Key
    condition: Condition | None = None


@dataclass(frozen=True)
class Check:
    """A condition on an item that the transaction does not write."""

    key: Key
    condition: Condition


Write = Put | Update | Delete | Check


@dataclass(frozen=True)
class Selection:
    """The attributes to read, and the filter that items must pass."""

    attributes: Sequence[str]
    filter: Condition


class Table:
    """The table. Reads are strongly consistent, except for reads from the index.

    Every method raises LedgerBusy if DynamoDB refuses all attempts of a call.
    """

    def __init__(self, dynamodb: "DynamoDBClient", name: str, pause: Callable[[float], None] = time.sleep) -> None:
        self._dynamodb = dynamodb
        self._name = name
        self._pause = pause

    def created_at(self) -> datetime:
        answer = _answer(self._dynamodb.describe_table, TableName=self._name)
        created: datetime = answer["Table"]["CreationDateTime"]
        return created

    def get(self, key: Key) -> Item | None:
        answer = _answer(self._dynamodb.get_item, TableName=self._name, Key=_key(key), ConsistentRead=True)
        return unserialized(answer["Item"]) if "Item" in answer else None

    def get_all(self, keys: Sequence[Key]) -> list[Item]:
        """Returns the items that exist, in no particular order."""
        items: list[Item] = []
        for start in range(0, len(keys), MOST_AT_ONCE):
            requested = {"Keys": [_key(key) for key in keys[start : start + MOST_AT_ONCE]], "ConsistentRead": True}
            items += map(unserialized, self._batch({self._name: requested}))
        return items

    def _batch(self, requested: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Reads items, and retries the keys that DynamoDB did not process.

        DynamoDB does not process all keys if it throttles the call, or if the items are larger than 16 MB in total.
        """
        pauses = iter(PAUSES)
        while requested:
            answer = _answer(self._dynamodb.batch_get_item, RequestItems=requested)
            read = answer["Responses"].get(self._name, [])
            yield from read
            requested = answer.get("UnprocessedKeys") or {}
            if requested and not read:
                if (pause := next(pauses, None)) is None:
                    raise LedgerBusy("BatchGetItem still returned unprocessed keys after several attempts")
                self._pause(pause)

    def query(self, pk: str, prefix: str, selection: Selection | None = None) -> Iterator[Item]:
        """Returns all items whose `sk` begins with the prefix, in the order of `sk`."""
        request = self._under(pk, prefix)
        if selection is not None:
            names = {f"#{number}": name for number, name in enumerate(selection.attributes)}
            request |= {
                "ProjectionExpression": ", ".join(names),
                "ExpressionAttributeNames": names,
                "FilterExpression": selection.filter.expression,
            }
            request["ExpressionAttributeValues"] |= serialized(selection.filter.values)
        while True:
            answer = _answer(self._dynamodb.query, **request)
            yield from map(unserialized, answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def last(self, pk: str, prefix: str, most: int) -> list[Item]:
        """Returns the `most` items with the highest values of `sk` that begin with the prefix, highest first."""
        answer = _answer(self._dynamodb.query, **self._under(pk, prefix), Limit=most, ScanIndexForward=False)
        return [unserialized(item) for item in answer["Items"]]

    def _under(self, pk: str, prefix: str) -> dict[str, Any]:
        return {
            "TableName": self._name,
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
            "ExpressionAttributeValues": {":pk": {"S": pk}, ":prefix": {"S": prefix}},
            "ConsistentRead": True,
        }

    def active(self, kind: str, attributes: Sequence[str], most: int | None = None) -> list[Item]:
        """Reads these attributes of all items whose attribute `active` has the value `kind`."""
        request: Any = {
            "TableName": self._name,
            "IndexName": ACTIVE_INDEX,
            "KeyConditionExpression": "active = :active",
            "ExpressionAttributeValues": {":active": {"S": kind}},
            "ProjectionExpression": ", ".join(f"#{number}" for number in range(len(attributes))),
            "ExpressionAttributeNames": {f"#{number}": name for number, name in enumerate(attributes)},
        }
        if most is not None:
            answer = _answer(self._dynamodb.query, **request, Limit=most)
            return [unserialized(item) for item in answer["Items"]]
        items: list[Item] = []
        while True:
            answer = _answer(self._dynamodb.query, **request)
            items += map(unserialized, answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return items
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def write(self, *writes: Write) -> None:
        """Writes everything in one transaction.

        Raises Outdated if a condition is not met, and Unwritable if DynamoDB does not accept the transaction. All
        attempts have the same client request token. If an attempt succeeded but its response was lost, DynamoDB accepts
        the next attempt and changes nothing.
        """
        operations: Any = [{_operation(write): self._request(write)} for write in writes]
        token = str(uuid.uuid4())
        for pause in (*PAUSES, None):
            try:
                self._dynamodb.transact_write_items(TransactItems=operations, ClientRequestToken=token)
            except ClientError as error:
                if cancellation(error) is not Cancellation.BUSY or pause is None:
                    raise transaction_error(error, [write.key for write in writes]) from error
                self._pause(pause)
            else:
                return

    def put(self, put: Put) -> None:
        _answer(self._dynamodb.put_item, **self._request(put))

    def delete(self, delete: Delete) -> None:
        _answer(self._dynamodb.delete_item, **self._request(delete))

    def update(self, update: Update) -> bool:
        """Updates an item. Returns False if the condition is not met."""
        try:
            self._dynamodb.update_item(**self._request(update))
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise call_error(error) from error
            return False
        return True

    def _request(self, write: Write) -> Any:
        request: dict[str, Any] = {"TableName": self._name}
        values: dict[str, Any] = {}
        if isinstance(write, Put):
            request["Item"] = serialized(write.attributes) | _key(write.key)
        else:
            request["Key"] = _key(write.key)
        if isinstance(write, Update):
            request["UpdateExpression"] = write.expression
            values |= write.values
        if write.condition is not None:
            request["ConditionExpression"] = write.condition.expression
            values |= write.condition.values
        if values:
            request["ExpressionAttributeValues"] = serialized(values)
        return request


def _answer(call: Callable[..., Any], **request: Any) -> Any:
    """Calls DynamoDB. If the call fails but may succeed later, raises LedgerBusy instead of DynamoDB's error."""
    try:
        return call(**request)
    except ClientError as error:
        raise call_error(error) from error


def _operation(write: Write) -> str:
    return "ConditionCheck" if isinstance(write, Check) else type(write).__name__


def _key(key: Key) -> dict[str, Any]:
    return {"pk": {"S": key.pk}, "sk": {"S": key.sk}}
