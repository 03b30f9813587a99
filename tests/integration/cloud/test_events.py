"""EventBridge, Scheduler and asynchronous invocation."""

import json
import uuid
from typing import Any

from .conftest import SmallStack


def put(small_stack: SmallStack, source: str, **detail: Any) -> str:
    detail.setdefault("tag", uuid.uuid4().hex)
    entry = {"Source": source, "DetailType": "Test", "Detail": json.dumps(detail)}
    answer = small_stack.cloud.client("events").put_events(Entries=[entry])
    assert answer["FailedEntryCount"] == 0
    return str(detail["tag"])


def beanstalk_event(environment: str) -> dict[str, Any]:
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Health status change",
        "source": "aws.elasticbeanstalk",
        "account": "123456789012",
        "time": "2026-01-02T03:04:05Z",
        "region": "us-east-1",
        "resources": [],
        "detail": {"EnvironmentName": environment, "ApplicationName": "shop"},
    }


def test_an_event_reaches_the_targets_of_its_rules_and_is_listed_with_them(small_stack: SmallStack) -> None:
    tag = put(small_stack, "tests")
    body = json.loads(small_stack.await_message("Open", tag)["Body"])
    [listed] = [event for event in small_stack.cloud.control("GET", "/events") if event["id"] == body["id"]]
    assert listed == body | {"targets": [small_stack.cloud.resources["Open"]["Arn"]]}


def test_a_disabled_rule_delivers_nothing(small_stack: SmallStack) -> None:
    tag = put(small_stack, "tests.disabled")
    [listed] = small_stack.cloud.eventually(
        lambda: [event for event in small_stack.cloud.control("GET", "/events") if event["detail"].get("tag") == tag]
    )
    assert listed["targets"] == []


def test_events_that_a_queue_does_not_allow_go_to_the_dead_letter_queue(
    small_stack: SmallStack,
) -> None:
    tag = put(small_stack, "tests.closed")
    dead = small_stack.await_message("Dead", tag)
    assert dead["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"
    assert ":rule/" in dead["MessageAttributes"]["RULE_ARN"]["StringValue"]


def test_only_aws_may_use_aws_sources(small_stack: SmallStack) -> None:
    entry = {"Source": "aws.s3", "DetailType": "Object Created", "Detail": "{}"}
    answer = small_stack.cloud.client("events").put_events(Entries=[entry])
    assert answer["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"


def test_a_failed_asynchronous_invocation_is_retried_and_then_reported(small_stack: SmallStack) -> None:
    record = json.loads(small_stack.await_message("Failed", "as ordered")["Body"])
    assert len(small_stack.invocations(record["requestPayload"]["tag"])) == 2
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 2
    assert record["responsePayload"]["errorType"] == "RuntimeError"


def test_a_rate_is_divided_by_the_speed_and_its_placeholders_are_filled(small_stack: SmallStack) -> None:
    ticks = small_stack.await_invocations("tick", 2)
    assert ticks[0]["n"] == "1"
    assert ticks[0]["tick"].endswith("Z")
    assert ticks[0]["tick"] != ticks[1]["tick"]


def test_an_object_created_event_is_as_s3_sends_it(small_stack: SmallStack) -> None:
    s3, bucket, key = small_stack.cloud.client("s3"), small_stack.ref("Bucket"), f"a b+%2F/{uuid.uuid4().hex}.war"
    put_object = s3.put_object(Bucket=bucket, Key=key, Body=b"hello")
    copied = f"{uuid.uuid4().hex}.war"
    s3.copy_object(Bucket=bucket, Key=copied, CopySource={"Bucket": bucket, "Key": key})
    part = s3.create_multipart_upload(Bucket=bucket, Key=f"{copied}-parts")
    ids = {"Bucket": bucket, "Key": f"{copied}-parts", "UploadId": part["UploadId"]}
    etag = s3.upload_part(**ids, PartNumber=1, Body=b"x")["ETag"]
    s3.complete_multipart_upload(**ids, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})

    def events(wanted_key: str) -> list[dict[str, Any]]:
        return [
            e
            for e in small_stack.cloud.control("GET", "/events")
            if e["detail"].get("object", {}).get("key") == wanted_key
        ]

    [event] = small_stack.cloud.eventually(lambda: events(key))
    assert event["detail-type"] == "Object Created"
    assert event["resources"] == [f"arn:aws:s3:::{bucket}"]
    assert event["detail"]["reason"] == "PutObject"
    described = event["detail"]["object"]
    assert described["etag"] == put_object["ETag"].strip('"')
    assert described["version-id"] == put_object["VersionId"]
    assert described["size"] == 5
    [copy] = small_stack.cloud.eventually(lambda: events(copied))
    assert copy["detail"]["reason"] == "CopyObject"
    assert copy["detail"]["object"]["sequencer"] > described["sequencer"]
    [whole] = small_stack.cloud.eventually(lambda: events(f"{copied}-parts"))
    assert whole["detail"]["reason"] == "CompleteMultipartUpload"


def test_a_bucket_without_eventbridge_sends_no_events(small_stack: SmallStack) -> None:
    small_stack.cloud.client("s3").put_object(Bucket=small_stack.ref("Silent"), Key="k", Body=b"")
    last = put(small_stack, "tests")
    small_stack.await_message("Open", last)
    assert not [e for e in small_stack.cloud.control("GET", "/events") if small_stack.ref("Silent") in e["resources"]]


def test_an_event_may_be_lost_or_doubled_and_the_same_seed_strikes_the_same_events(small_stack: SmallStack) -> None:
    def events_with(event_id: str) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = small_stack.cloud.control("GET", "/events")
        return events if any(event["id"] == event_id for event in events) else []

    def targets_of(kind: str) -> list[int]:
        small_stack.cloud.control("DELETE", "/faults")
        small_stack.cloud.control(
            "POST", "/faults", {"fault": kind, "rate": 0.5, "seed": 7, "environment": "shop-prod"}
        )
        ids = [small_stack.cloud.control("POST", "/events", beanstalk_event("shop-prod"))["id"] for _ in range(12)]
        spared = small_stack.cloud.control("POST", "/events", beanstalk_event("shop-staging"))["id"]
        listed = small_stack.cloud.eventually(lambda: events_with(spared))
        small_stack.cloud.control("DELETE", "/faults")
        reached = {i: sum(len(e["targets"]) for e in listed if e["id"] == i) for i in [*ids, spared]}
        assert reached[spared] == 1
        return [reached[i] for i in ids]

    lost, doubled = targets_of("events-lost"), targets_of("events-doubled")
    assert set(lost) == {0, 1}
    assert set(doubled) == {1, 2}
    assert targets_of("events-lost") == lost
