"""Conditions of S3 and DynamoDB that Wardrop relies on. Moto differs in some of them."""

import base64
import hashlib
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import SmallStack


@pytest.fixture
def stored(small_stack: SmallStack) -> dict[str, Any]:
    where = {"Bucket": small_stack.ref("Bucket"), "Key": uuid.uuid4().hex}
    version = small_stack.cloud.client("s3").put_object(**where, Body=b"hello", Metadata={"m": "1"}, Tagging="a=b")
    return {**where, "VersionId": version["VersionId"], "ETag": version["ETag"]}


def code(raised: pytest.ExceptionInfo[ClientError]) -> str:
    return str(raised.value.response["Error"]["Code"])


def test_a_copy_with_if_none_match_never_overwrites(small_stack: SmallStack, stored: dict[str, Any]) -> None:
    s3 = small_stack.cloud.client("s3")
    source = {name: stored[name] for name in ("Bucket", "Key", "VersionId")}
    target = {"Bucket": stored["Bucket"], "Key": f"{stored['Key']}-copy"}
    s3.copy_object(**target, CopySource=source, IfNoneMatch="*", CopySourceIfMatch=stored["ETag"])
    with pytest.raises(ClientError) as raised:
        s3.copy_object(**target, CopySource=source, IfNoneMatch="*")
    assert code(raised) == "PreconditionFailed"


def test_a_copy_with_if_match_refuses_another_source(small_stack: SmallStack, stored: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as raised:
        small_stack.cloud.client("s3").copy_object(
            Bucket=stored["Bucket"],
            Key=f"{stored['Key']}-copy",
            CopySource={"Bucket": stored["Bucket"], "Key": stored["Key"]},
            CopySourceIfMatch='"0123"',
        )
    assert code(raised) == "PreconditionFailed"


def test_s3_computes_the_hash_of_a_copy(small_stack: SmallStack, stored: dict[str, Any]) -> None:
    s3, target = small_stack.cloud.client("s3"), {"Bucket": stored["Bucket"], "Key": f"{stored['Key']}-copy"}
    source = {"Bucket": stored["Bucket"], "Key": stored["Key"]}
    copied = s3.copy_object(**target, CopySource=source, ChecksumAlgorithm="SHA256")
    expected = base64.b64encode(hashlib.sha256(b"hello").digest()).decode()
    assert copied["CopyObjectResult"]["ChecksumSHA256"] == expected
    assert s3.head_object(**target, ChecksumMode="ENABLED")["ChecksumSHA256"] == expected
    assert s3.get_object_tagging(**target)["TagSet"] == [{"Key": "a", "Value": "b"}]


def test_ranges_read_the_version_that_is_named(small_stack: SmallStack, stored: dict[str, Any]) -> None:
    s3 = small_stack.cloud.client("s3")
    s3.put_object(Bucket=stored["Bucket"], Key=stored["Key"], Body=b"later")

    def read(**given: str) -> bytes:
        which = {name: stored[name] for name in ("Bucket", "Key", "VersionId")}
        content: bytes = s3.get_object(**which, **given)["Body"].read()
        return content

    assert read(Range="bytes=1-2", IfMatch=stored["ETag"]) == b"el"
    assert read(Range="bytes=-2") == b"lo"
    assert read(Range="bytes=-500") == b"hello"
    with pytest.raises(ClientError) as raised:
        read(Range="bytes=0-1", IfMatch='"0123"')
    assert code(raised) == "PreconditionFailed"


@pytest.mark.parametrize("wanted", ["bytes=0-9", "bytes=-9"])
def test_an_empty_object_has_no_range(small_stack: SmallStack, wanted: str) -> None:
    s3, where = small_stack.cloud.client("s3"), {"Bucket": small_stack.ref("Bucket"), "Key": uuid.uuid4().hex}
    s3.put_object(**where, Body=b"")
    with pytest.raises(ClientError) as raised:
        s3.get_object(**where, Range=wanted)
    assert code(raised) == "InvalidRange"


def test_a_condition_that_fails_in_a_transaction_shows_the_item(small_stack: SmallStack) -> None:
    table, dynamodb = small_stack.ref("Invocations"), small_stack.cloud.client("dynamodb")
    item = {"tag": {"S": uuid.uuid4().hex}, "at": {"S": "1"}, "event": {"S": "{}"}}
    dynamodb.put_item(TableName=table, Item=item)
    again = {
        "TableName": table,
        "Item": item,
        "ConditionExpression": "attribute_not_exists(tag)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    with pytest.raises(ClientError) as raised:
        dynamodb.transact_write_items(TransactItems=[{"Put": again}])
    [reason] = raised.value.response["CancellationReasons"]
    assert reason["Code"] == "ConditionalCheckFailed"
    assert reason["Item"]["event"] == {"S": "{}"}


@pytest.mark.parametrize(
    "tags",
    [
        [("reason", "no, comma")],
        [("a" * 129, "x")],
        [("reason", "x" * 257)],
        [(f"key{n}", "x") for n in range(11)],
        [("same", "1"), ("same", "2")],
        [("aws:mine", "x")],
        [("reason", "line\nbreak")],
    ],
)  # fmt: skip
def test_tags_that_s3_refuses_are_refused(
    small_stack: SmallStack, stored: dict[str, Any], tags: list[tuple[str, str]]
) -> None:
    tagging = {"TagSet": [{"Key": key, "Value": value} for key, value in tags]}
    with pytest.raises(ClientError) as raised:
        small_stack.cloud.client("s3").put_object_tagging(Bucket=stored["Bucket"], Key=stored["Key"], Tagging=tagging)
    assert code(raised) in ("InvalidTag", "BadRequest")


def test_good_tags_are_taken(small_stack: SmallStack, stored: dict[str, Any]) -> None:
    where = {name: stored[name] for name in ("Bucket", "Key", "VersionId")}
    tagging = {"TagSet": [{"Key": "wardrop-status", "Value": "accepted: größer + - = . _ : / @"}]}
    small_stack.cloud.client("s3").put_object_tagging(**where, Tagging=tagging)
    assert small_stack.cloud.client("s3").get_object_tagging(**where)["TagSet"] == tagging["TagSet"]


SSE_C = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": b"0123456789abcdef0123456789abcdef"}


def test_an_object_with_a_key_of_its_uploader_is_read_and_copied_only_with_that_key(small_stack: SmallStack) -> None:
    s3, where = small_stack.cloud.client("s3"), {"Bucket": small_stack.ref("Bucket"), "Key": uuid.uuid4().hex}
    s3.put_object(**where, Body=b"hidden", **SSE_C)
    assert s3.get_object(**where, **SSE_C)["Body"].read() == b"hidden"
    refusals = {
        "InvalidRequest": lambda: s3.get_object(**where),
        "400": lambda: s3.head_object(**where),
    }
    for expected, read in refusals.items():
        with pytest.raises(ClientError) as raised:
            read()
        assert code(raised) == expected
    with pytest.raises(ClientError, match="a form of Server Side Encryption") as raised:
        s3.copy_object(Bucket=where["Bucket"], Key=f"{where['Key']}-copy", CopySource=where)
    assert code(raised) == "InvalidRequest"


def test_an_archived_object_is_neither_read_nor_copied(small_stack: SmallStack) -> None:
    s3, where = small_stack.cloud.client("s3"), {"Bucket": small_stack.ref("Bucket"), "Key": uuid.uuid4().hex}
    s3.put_object(**where, Body=b"frozen", StorageClass="GLACIER")
    for read in (
        lambda: s3.get_object(**where),
        lambda: s3.copy_object(Bucket=where["Bucket"], Key=f"{where['Key']}-copy", CopySource=where),
    ):
        with pytest.raises(ClientError) as raised:
            read()
        assert code(raised) in ("InvalidObjectState", "ObjectNotInActiveTierError")
