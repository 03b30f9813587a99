"""Mappings that read a table's stream; developer guide, "Using AWS Lambda with Amazon DynamoDB"."""

import asyncio
import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import StreamRecord

from local.aws.functions import Outcome
from local.aws.streams import StreamMapping, arn_of
from local.clock import Clock
from local.settings import ACCOUNT, REGION

from .conftest import Mechanics


class Orders:
    """The table whose stream is read, for the items of one test."""

    def __init__(self, alerts: Mechanics, reader: str) -> None:
        self.tag = f"{reader}/{uuid.uuid4().hex}"
        self._alerts = alerts
        self._name = alerts.ref("Orders")
        self._dynamodb = alerts.cloud.client("dynamodb")

    def key(self, sk: str) -> dict[str, Any]:
        return {"pk": {"S": self.tag}, "sk": {"S": sk}}

    def put(self, sk: str, **attributes: Any) -> None:
        item = {**self.key(sk), **{name: {"N" if name == "times" else "S": str(v)} for name, v in attributes.items()}}
        self._dynamodb.put_item(TableName=self._name, Item=item)

    def update(self, sk: str, colour: str) -> None:
        self._dynamodb.update_item(
            TableName=self._name,
            Key=self.key(sk),
            UpdateExpression="SET colour = :c",
            ExpressionAttributeValues={":c": {"S": colour}},
        )

    def delete(self, sk: str) -> None:
        self._dynamodb.delete_item(TableName=self._name, Key=self.key(sk))

    def batches(self) -> list[list[str]]:
        """The sort keys of each batch that the function got, oldest first."""
        return [[r["dynamodb"]["Keys"]["sk"]["S"] for r in event["Records"]] for event in self._alerts.seen(self.tag)]

    def records(self) -> list[dict[str, Any]]:
        return [record for event in self._alerts.seen(self.tag) for record in event["Records"]]

    def await_batches(self, *wanted: list[str]) -> None:
        self._alerts.cloud.eventually(lambda: len(self.batches()) >= len(wanted))
        assert self.batches() == list(wanted)

    def await_records(self, count: int) -> list[dict[str, Any]]:
        return self._alerts.cloud.eventually(lambda: found if len(found := self.records()) >= count else [])

    def given_up(self, first: str) -> dict[str, Any]:
        """What the failure destination got about a batch that began with a sequence number."""
        return dict(json.loads(self._alerts.await_message("GivenUp", f'"startSequenceNumber": "{first}"')["Body"]))


def test_a_record_has_the_shape_that_lambda_gives_it(alerts: Mechanics) -> None:
    orders = Orders(alerts, "reporting")
    orders.put("a", colour="red")
    [record] = orders.await_records(1)
    assert record.keys() == {
        "eventID", "eventName", "eventVersion", "eventSource", "awsRegion", "dynamodb", "eventSourceARN",
    }  # fmt: skip
    assert record["eventSource"] == "aws:dynamodb"
    assert record["eventSourceARN"] == alerts.cloud.resources["Orders"]["StreamArn"]
    change = record["dynamodb"]
    assert isinstance(change.pop("ApproximateCreationDateTime"), float)
    assert change.pop("SequenceNumber").isdecimal()
    assert change.pop("SizeBytes") > 0
    assert change == {
        "Keys": orders.key("a"),
        "NewImage": {**orders.key("a"), "colour": {"S": "red"}},
        "StreamViewType": "NEW_IMAGE",
    }


def test_each_change_is_one_record_in_order_and_an_unchanged_item_is_none(alerts: Mechanics) -> None:
    orders = Orders(alerts, "reporting")
    orders.update("a", "red")  # makes the item
    orders.put("a", colour="red")
    orders.update("a", "red")
    orders.delete("b")
    orders.update("a", "blue")
    orders.delete("a")
    orders.put("a", colour="red")
    records = orders.await_records(4)
    assert [record["eventName"] for record in records] == ["INSERT", "MODIFY", "REMOVE", "INSERT"]
    colours = [record["dynamodb"].get("NewImage", {}).get("colour", {}).get("S") for record in records]
    assert colours == ["red", "blue", None, "red"]
    numbers = [int(record["dynamodb"]["SequenceNumber"]) for record in records]
    assert numbers == sorted(set(numbers))


def test_only_a_successful_transaction_is_in_the_stream(alerts: Mechanics) -> None:
    orders, dynamodb, table = Orders(alerts, "reporting"), alerts.cloud.client("dynamodb"), alerts.ref("Orders")
    puts = [{"Put": {"TableName": table, "Item": orders.key(sk)}} for sk in ("a", "b")]
    exists: Any = {"TableName": table, "Key": orders.key("z"), "ConditionExpression": "attribute_exists(pk)"}
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        dynamodb.transact_write_items(TransactItems=[*puts, {"ConditionCheck": exists}])
    dynamodb.transact_write_items(TransactItems=puts)
    orders.put("c")
    orders.await_batches(["a", "b", "c"])


def test_a_batch_is_retried_from_its_failed_record_and_later_records_wait(alerts: Mechanics) -> None:
    orders = Orders(alerts, "reporting")
    orders.put("a")
    orders.put("b", do="report", times=1)
    orders.put("c", do="report", times=1)
    orders.put("d")
    orders.await_batches(["a", "b", "c", "d"], ["b", "c", "d"])


def test_a_batch_that_fails_too_often_is_reported_and_the_next_is_processed(alerts: Mechanics) -> None:
    orders = Orders(alerts, "reporting")
    orders.put("a", do="raise", times=9)
    orders.put("b")
    orders.await_batches(["a", "b"], ["a", "b"])
    first, last = (record["dynamodb"]["SequenceNumber"] for record in orders.records()[:2])
    told = orders.given_up(first)
    assert told.keys() == {"requestContext", "responseContext", "version", "timestamp", "DDBStreamBatchInfo"}
    assert told["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert told["requestContext"]["approximateInvokeCount"] == 2
    assert told["requestContext"]["functionArn"] == alerts.cloud.resources["Reporting"]["Arn"]
    about = told["DDBStreamBatchInfo"]
    assert about.keys() == {
        "shardId", "startSequenceNumber", "endSequenceNumber", "approximateArrivalOfFirstRecord",
        "approximateArrivalOfLastRecord", "batchSize", "streamArn",
    }  # fmt: skip
    assert (about["endSequenceNumber"], about["batchSize"]) == (last, 2)
    orders.put("c")
    orders.await_batches(["a", "b"], ["a", "b"], ["c"])


def test_a_bad_record_is_found_by_bisecting(alerts: Mechanics) -> None:
    orders = Orders(alerts, "bisecting")
    for sk in ("a", "b", "c", "d"):
        orders.put(sk, **({"do": "raise", "times": 9} if sk == "c" else {}))
    orders.await_batches(["a", "b", "c", "d"], ["a", "b"], ["c", "d"], ["c"], ["d"])
    bad = next(r["dynamodb"]["SequenceNumber"] for r in orders.records() if r["dynamodb"]["Keys"]["sk"]["S"] == "c")
    assert orders.given_up(bad)["DDBStreamBatchInfo"]["batchSize"] == 1


def test_a_record_that_no_filter_matches_is_skipped(alerts: Mechanics) -> None:
    orders = Orders(alerts, "inserted")
    orders.put("a")
    orders.put("a", colour="red")
    orders.put("b")
    orders.delete("a")
    orders.put("c")
    records = orders.await_records(3)
    assert [record["dynamodb"]["Keys"]["sk"]["S"] for record in records] == ["a", "b", "c"]
    assert {record["eventName"] for record in records} == {"INSERT"}


@pytest.mark.parametrize(
    ("function", "mapping", "reason"),
    [
        ("Reporting", {}, "StartingPosition"),
        ("Reporting", {"StartingPosition": "AT_TIMESTAMP"}, "StartingPosition"),
        (
            "Reporting",
            {"StartingPosition": "LATEST", "FilterCriteria": {"Filters": [{"Pattern": '{"a": "b"}'}]}},
            "Invalid filter pattern",
        ),
        ("Reporting", {"StartingPosition": "LATEST", "ScalingConfig": {"MaximumConcurrency": 2}}, "ScalingConfig"),
        ("Deaf", {"StartingPosition": "LATEST"}, "Cannot access stream"),
        (
            "Inserted",
            {"StartingPosition": "LATEST", "DestinationConfig": {"OnFailure": {"Destination": "GivenUp"}}},
            "does not have permissions to call SendMessage on SQS",
        ),
    ],
)
def test_invalid_mappings_are_refused(alerts: Mechanics, function: str, mapping: dict[str, Any], reason: str) -> None:
    if "DestinationConfig" in mapping:
        mapping = {
            **mapping,
            "DestinationConfig": {"OnFailure": {"Destination": alerts.cloud.resources["GivenUp"]["Arn"]}},
        }
    with pytest.raises(ClientError, match=reason):
        alerts.cloud.client("lambda").create_event_source_mapping(
            EventSourceArn=alerts.cloud.resources["Orders"]["StreamArn"], FunctionName=alerts.ref(function), **mapping
        )


def test_a_failed_batch_that_is_too_old_is_not_retried() -> None:
    table = dynamodb_backends[ACCOUNT][REGION].create_table(
        f"old-{uuid.uuid4().hex}",
        schema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        throughput=None,
        attr=[{"AttributeName": "pk", "AttributeType": "S"}],
        global_indexes=[],
        indexes=[],
        streams={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        billing_mode="PAY_PER_REQUEST",
        sse_specification=None,
        tags=[],
        deletion_protection_enabled=False,
        warm_throughput=None,
    )
    item = Item(DynamoType({"S": "a"}), None, {"pk": {"S": "a"}})
    shard = table.stream_shard
    shard.items.append(StreamRecord(table, "NEW_IMAGE", "INSERT", None, item, 1))
    shard.items[0].record["dynamodb"]["ApproximateCreationDateTime"] -= timedelta(seconds=61)
    told: list[str] = []

    class Failing:
        arn = "arn:aws:lambda:us-east-1:123456789012:function:f"
        tried = 0

        async def invoke(self, _: bytes) -> Outcome:
            self.tried += 1
            return Outcome.failure("Error", "no")

    async def until_told(failing: Any) -> None:
        given_up = asyncio.Event()
        mapping = StreamMapping(arn_of(table), failing, Clock(), latest=False, maximum_age=60)
        mapping.failed = lambda text: (told.append(text), given_up.set())[0]
        running = asyncio.create_task(mapping.run())
        await asyncio.wait_for(given_up.wait(), 5)
        running.cancel()

    failing = Failing()
    asyncio.run(until_told(failing))
    assert failing.tried == 1
    assert json.loads(told[0])["requestContext"]["condition"] == "RecordAgeExceeded"
