"""Mappings that read the stream of a table (developer guide, "Using AWS Lambda with Amazon DynamoDB")."""

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

from local.aws.processes import Outcome
from local.aws.streams import StreamMapping, arn_of
from local.clock import Clock
from local.settings import ACCOUNT, REGION

from .conftest import SmallStack


class Orders:
    """The items of one test in the table whose stream is read."""

    def __init__(self, alert_stack: SmallStack, reader: str) -> None:
        self.tag = f"{reader}/{uuid.uuid4().hex}"
        self._alert_stack = alert_stack
        self._name = alert_stack.ref("Orders")
        self._dynamodb = alert_stack.cloud.client("dynamodb")

    def key(self, sk: str) -> dict[str, Any]:
        return {"pk": {"S": self.tag}, "sk": {"S": sk}}

    def put(self, sk: str, **attributes: Any) -> None:
        self._dynamodb.put_item(TableName=self._name, Item=self._item(sk, attributes))

    def put_together(self, items: dict[str, dict[str, Any]]) -> None:
        """Puts items in one transaction, so that one batch has all their records, on a slow machine as well."""
        puts = [{"TableName": self._name, "Item": self._item(sk, attributes)} for sk, attributes in items.items()]
        self._dynamodb.transact_write_items(TransactItems=[{"Put": put} for put in puts])

    def _item(self, sk: str, attributes: dict[str, Any]) -> dict[str, Any]:
        typed = {name: {"N" if name == "times" else "S": str(value)} for name, value in attributes.items()}
        return {**self.key(sk), **typed}

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
        return [
            [r["dynamodb"]["Keys"]["sk"]["S"] for r in event["Records"]]
            for event in self._alert_stack.invocations(self.tag)
        ]

    def records(self) -> list[dict[str, Any]]:
        return [record for event in self._alert_stack.invocations(self.tag) for record in event["Records"]]

    def await_batches(self, *wanted: list[str]) -> None:
        self._alert_stack.cloud.eventually(lambda: len(self.batches()) >= len(wanted))
        assert self.batches() == list(wanted)

    def await_records(self, count: int) -> list[dict[str, Any]]:
        return self._alert_stack.cloud.eventually(lambda: found if len(found := self.records()) >= count else [])

    def failure_report(self, first: str) -> dict[str, Any]:
        """The message in the failure destination about the batch that began with this sequence number."""
        return dict(json.loads(self._alert_stack.await_message("GivenUp", f'"startSequenceNumber": "{first}"')["Body"]))


def test_a_record_has_the_shape_that_lambda_gives_it(alert_stack: SmallStack) -> None:
    orders = Orders(alert_stack, "reporting")
    orders.put("a", colour="red")
    [record] = orders.await_records(1)
    assert record.keys() == {
        "eventID", "eventName", "eventVersion", "eventSource", "awsRegion", "dynamodb", "eventSourceARN",
    }  # fmt: skip
    assert record["eventSource"] == "aws:dynamodb"
    assert record["eventSourceARN"] == alert_stack.cloud.resources["Orders"]["StreamArn"]
    change = record["dynamodb"]
    assert isinstance(change.pop("ApproximateCreationDateTime"), float)
    assert change.pop("SequenceNumber").isdecimal()
    assert change.pop("SizeBytes") > 0
    assert change == {
        "Keys": orders.key("a"),
        "NewImage": {**orders.key("a"), "colour": {"S": "red"}},
        "StreamViewType": "NEW_IMAGE",
    }


def test_each_change_is_one_record_in_order_and_an_unchanged_item_is_none(alert_stack: SmallStack) -> None:
    orders = Orders(alert_stack, "reporting")
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


def test_only_a_successful_transaction_is_in_the_stream(alert_stack: SmallStack) -> None:
    orders, dynamodb, table = (
        Orders(alert_stack, "reporting"),
        alert_stack.cloud.client("dynamodb"),
        alert_stack.ref("Orders"),
    )
    puts = [{"Put": {"TableName": table, "Item": orders.key(sk)}} for sk in ("a", "b")]
    exists: Any = {"TableName": table, "Key": orders.key("z"), "ConditionExpression": "attribute_exists(pk)"}
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        dynamodb.transact_write_items(TransactItems=[*puts, {"ConditionCheck": exists}])
    dynamodb.transact_write_items(TransactItems=puts)
    orders.await_batches(["a", "b"])


def test_a_batch_is_retried_from_its_failed_record_and_later_records_wait(alert_stack: SmallStack) -> None:
    orders = Orders(alert_stack, "reporting")
    fails_once = {"do": "report", "times": 1}
    orders.put_together({"a": {}, "b": fails_once, "c": fails_once, "d": {}})
    orders.await_batches(["a", "b", "c", "d"], ["b", "c", "d"])


def test_a_batch_that_fails_too_often_is_reported_and_the_next_is_processed(alert_stack: SmallStack) -> None:
    orders = Orders(alert_stack, "reporting")
    orders.put_together({"a": {"do": "raise", "times": 9}, "b": {}})
    orders.await_batches(["a", "b"], ["a", "b"])
    first, last = (record["dynamodb"]["SequenceNumber"] for record in orders.records()[:2])
    report = orders.failure_report(first)
    assert report.keys() == {"requestContext", "responseContext", "version", "timestamp", "DDBStreamBatchInfo"}
    assert report["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert report["requestContext"]["approximateInvokeCount"] == 2
    assert report["requestContext"]["functionArn"] == alert_stack.cloud.resources["Reporting"]["Arn"]
    about = report["DDBStreamBatchInfo"]
    assert about.keys() == {
        "shardId", "startSequenceNumber", "endSequenceNumber", "approximateArrivalOfFirstRecord",
        "approximateArrivalOfLastRecord", "batchSize", "streamArn",
    }  # fmt: skip
    assert (about["endSequenceNumber"], about["batchSize"]) == (last, 2)
    orders.put("c")
    orders.await_batches(["a", "b"], ["a", "b"], ["c"])


def test_a_bad_record_is_found_by_bisecting(alert_stack: SmallStack) -> None:
    orders = Orders(alert_stack, "bisecting")
    orders.put_together({"a": {}, "b": {}, "c": {"do": "raise", "times": 9}, "d": {}})
    orders.await_batches(["a", "b", "c", "d"], ["a", "b"], ["c", "d"], ["c"], ["d"])
    bad = next(r["dynamodb"]["SequenceNumber"] for r in orders.records() if r["dynamodb"]["Keys"]["sk"]["S"] == "c")
    assert orders.failure_report(bad)["DDBStreamBatchInfo"]["batchSize"] == 1


def test_a_record_that_no_filter_matches_is_skipped(alert_stack: SmallStack) -> None:
    orders = Orders(alert_stack, "inserted")
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
def test_invalid_mappings_are_refused(
    alert_stack: SmallStack, function: str, mapping: dict[str, Any], reason: str
) -> None:
    if "DestinationConfig" in mapping:
        mapping = {
            **mapping,
            "DestinationConfig": {"OnFailure": {"Destination": alert_stack.cloud.resources["GivenUp"]["Arn"]}},
        }
    with pytest.raises(ClientError, match=reason):
        alert_stack.cloud.client("lambda").create_event_source_mapping(
            EventSourceArn=alert_stack.cloud.resources["Orders"]["StreamArn"],
            FunctionName=alert_stack.ref(function),
            **mapping,
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
    reports: list[str] = []

    class Failing:
        arn = "arn:aws:lambda:us-east-1:123456789012:function:f"
        tried = 0

        async def invoke(self, _: bytes) -> Outcome:
            self.tried += 1
            return Outcome.failure("Error", "no")

    async def run_until_given_up(failing: Any) -> None:
        given_up = asyncio.Event()
        mapping = StreamMapping(arn_of(table), failing, Clock(), latest=False, maximum_age=60)
        mapping.failed = lambda text: (reports.append(text), given_up.set())[0]
        running = asyncio.create_task(mapping.run())
        await asyncio.wait_for(given_up.wait(), 5)
        running.cancel()

    failing = Failing()
    asyncio.run(run_until_given_up(failing))
    assert failing.tried == 1
    assert json.loads(reports[0])["requestContext"]["condition"] == "RecordAgeExceeded"
