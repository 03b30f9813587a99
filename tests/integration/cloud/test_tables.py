"""The calls of DynamoDB that the stand-in answers itself, because moto is slower."""

import json
import time
import uuid
from typing import Any

import pytest

from local.aws.refusals import Refused
from local.aws.table_faults import Answer, TableFaults
from local.faults import Faults

from .conftest import SmallStack

EVERY_KIND: dict[str, Any] = {
    "text": {"S": "상점"},
    "number": {"N": "1.5"},
    "bytes": {"B": b"\x00\xff"},
    "truth": {"BOOL": False},
    "nothing": {"NULL": True},
    "texts": {"SS": ["a", "b"]},
    "numbers": {"NS": ["1", "2"]},
    "blobs": {"BS": [b"a", b"\xfe"]},
    "map": {"M": {"S": {"S": "a name that is a kind"}, "empty": {"M": {}}, "inner": {"M": {"bytes": {"B": b"1"}}}}},
    "list": {"L": [{"S": ""}, {"L": []}, {"M": {"list": {"L": [{"N": "1"}]}}}]},
}


def test_an_item_is_read_as_it_was_written(small_stack: SmallStack) -> None:
    dynamodb, table, tag = small_stack.cloud.client("dynamodb"), small_stack.ref("Invocations"), uuid.uuid4().hex
    key = {"tag": {"S": tag}, "at": {"S": "0"}}
    dynamodb.put_item(TableName=table, Item=key | EVERY_KIND)
    assert dynamodb.get_item(TableName=table, Key=key)["Item"] == key | EVERY_KIND


def test_an_update_inside_a_map_appears_in_the_next_answer(small_stack: SmallStack) -> None:
    dynamodb, table, tag = small_stack.cloud.client("dynamodb"), small_stack.ref("Invocations"), uuid.uuid4().hex
    key = {"tag": {"S": tag}, "at": {"S": "0"}}
    dynamodb.put_item(TableName=table, Item=key | EVERY_KIND)
    assert dynamodb.get_item(TableName=table, Key=key)["Item"]["map"] == EVERY_KIND["map"]
    updated = dynamodb.update_item(
        TableName=table,
        Key=key,
        UpdateExpression="SET #m.#e.bytes = :new, #l[1] = :new",
        ExpressionAttributeNames={"#m": "map", "#e": "empty", "#l": "list"},
        ExpressionAttributeValues={":new": {"B": b"\x01"}},
        ReturnValues="ALL_NEW",
    )["Attributes"]
    assert updated["map"]["M"]["empty"] == {"M": {"bytes": {"B": b"\x01"}}}
    assert updated["list"]["L"][1] == {"B": b"\x01"}
    assert dynamodb.get_item(TableName=table, Key=key)["Item"] == updated


def test_a_query_returns_the_items_of_its_key_in_the_order_of_their_range_keys(small_stack: SmallStack) -> None:
    dynamodb, table, tag = small_stack.cloud.client("dynamodb"), small_stack.ref("Invocations"), uuid.uuid4().hex
    for hash_key, range_key in ((tag, "b"), (tag, "c"), (f"{tag}-other", "a"), (tag, "a")):
        dynamodb.put_item(TableName=table, Item={"tag": {"S": hash_key}, "at": {"S": range_key}})
    query = {
        "TableName": table,
        "KeyConditionExpression": "tag = :tag",
        "ExpressionAttributeValues": {":tag": {"S": tag}},
    }
    first = dynamodb.query(**query, Limit=2)
    rest = dynamodb.query(**query, ExclusiveStartKey=first["LastEvaluatedKey"])
    assert [item["at"]["S"] for answer in (first, rest) for item in answer["Items"]] == ["a", "b", "c"]


class CountingTable:
    """A table with faults. It counts the calls that it carries out."""

    def __init__(self, **fault: Any) -> None:
        faults = Faults()
        if fault:
            faults.add(fault)
        self.faults, self.count = TableFaults(faults), 0

    def carry_out(self) -> Answer:
        self.count += 1
        return "200 OK", [], [str(self.count).encode()]

    def __call__(self, operation: str, **given: Any) -> str:
        status, _, body = self.faults.answer(operation, given, self.carry_out)
        return status if status.startswith("4") else b"".join(body).decode()


def transaction(token: str, tag: str = "a") -> dict[str, Any]:
    return {"ClientRequestToken": token, "TransactItems": [{"Put": {"Item": {"tag": {"S": tag}}}}, {"Put": {}}]}


def test_a_transaction_with_the_token_of_a_successful_one_changes_nothing() -> None:
    table = CountingTable()
    table("TransactWriteItems", **transaction("t-1"))
    table("TransactWriteItems", **transaction("t-1"))
    assert table.count == 1
    table("TransactWriteItems", **transaction("t-2"))
    assert table.count == 2
    with pytest.raises(Refused, match="other parameters"):
        table("TransactWriteItems", **transaction("t-2", "b"))


def test_a_cancelled_transaction_states_the_reason_for_each_operation_and_changes_nothing() -> None:
    table = CountingTable(fault="cancelled", reason="ThrottlingError", times=1)
    status, _, body = table.faults.answer("TransactWriteItems", transaction("t-1"), table.carry_out)
    answer = json.loads(b"".join(body))
    assert (status, table.count) == ("400 Bad Request", 0)
    assert answer["__type"].endswith("#TransactionCanceledException")
    assert [reason["Code"] for reason in answer["CancellationReasons"]] == ["ThrottlingError", "None"]
    assert answer["Message"].endswith("[ThrottlingError, None]")
    table("TransactWriteItems", **transaction("t-1"))
    assert table.count == 1, "a cancelled transaction does not use up its token"


def test_a_call_may_be_refused() -> None:
    table = CountingTable(fault="table-refuses", action="GetItem", refusal="InternalServerError")
    with pytest.raises(Refused) as raised:
        table("GetItem")
    assert raised.value.status == 500
    assert table("PutItem") == "1"


def test_an_index_may_return_an_earlier_state() -> None:
    table = CountingTable(fault="index-lags", seconds=1)
    assert [table("Query", IndexName="active"), table("Query", IndexName="active")] == ["1", "1"]
    time.sleep(1)
    assert [table("Query", IndexName="active"), table("Query")] == ["2", "4"]
