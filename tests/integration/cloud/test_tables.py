"""DynamoDB, where the stand-in answers more quickly than moto."""

import uuid
from typing import Any

from .conftest import Mechanics

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


def test_an_item_comes_back_as_it_was_written(mechanics: Mechanics) -> None:
    dynamodb, table, tag = mechanics.cloud.client("dynamodb"), mechanics.ref("Seen"), uuid.uuid4().hex
    key = {"tag": {"S": tag}, "at": {"S": "0"}}
    dynamodb.put_item(TableName=table, Item=key | EVERY_KIND)
    assert dynamodb.get_item(TableName=table, Key=key)["Item"] == key | EVERY_KIND


def test_a_query_returns_the_items_of_its_key_in_the_order_of_their_range_keys(mechanics: Mechanics) -> None:
    dynamodb, table, tag = mechanics.cloud.client("dynamodb"), mechanics.ref("Seen"), uuid.uuid4().hex
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
