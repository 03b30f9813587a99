"""EventBridge, Scheduler and asynchronous invocation."""

import json
import uuid
from typing import Any

from .conftest import Mechanics


def put(mechanics: Mechanics, source: str, **detail: Any) -> str:
    detail.setdefault("tag", uuid.uuid4().hex)
    entry = {"Source": source, "DetailType": "Tried", "Detail": json.dumps(detail)}
    answer = mechanics.cloud.client("events").put_events(Entries=[entry])
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


def test_an_event_reaches_the_targets_of_its_rules_and_is_listed_with_them(mechanics: Mechanics) -> None:
    tag = put(mechanics, "tests")
    body = json.loads(mechanics.await_message("Open", tag)["Body"])
    [shown] = [event for event in mechanics.cloud.control("GET", "/events") if event["id"] == body["id"]]
    assert shown == body | {"targets": [mechanics.cloud.resources["Open"]["Arn"]]}


def test_a_disabled_rule_delivers_nothing(mechanics: Mechanics) -> None:
    tag = put(mechanics, "tests.disabled")
    shown = mechanics.cloud.eventually(
        lambda: [event for event in mechanics.cloud.control("GET", "/events") if event["detail"].get("tag") == tag]
    )
    assert shown[0]["targets"] == []


def test_events_that_a_queue_does_not_allow_go_to_the_dead_letter_queue(
    mechanics: Mechanics,
) -> None:
    tag = put(mechanics, "tests.closed")
    dead = mechanics.await_message("Dead", tag)
    assert dead["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"
    assert ":rule/" in dead["MessageAttributes"]["RULE_ARN"]["StringValue"]


def test_only_aws_may_use_aws_sources(mechanics: Mechanics) -> None:
    entry = {"Source": "aws.s3", "DetailType": "Object Created", "Detail": "{}"}
    answer = mechanics.cloud.client("events").put_events(Entries=[entry])
    assert answer["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"


def test_a_failed_asynchronous_invocation_is_retried_and_then_reported(mechanics: Mechanics) -> None:
    record = json.loads(mechanics.await_message("Failed", "told to")["Body"])
    assert len(mechanics.seen(record["requestPayload"]["tag"])) == 2
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 2
    assert record["responsePayload"]["errorType"] == "RuntimeError"


def test_a_rate_is_divided_by_the_speed_and_its_placeholders_are_filled(mechanics: Mechanics) -> None:
    ticks = mechanics.await_seen("tick", 2)
    assert ticks[0]["n"] == "1"
    assert ticks[0]["tick"].endswith("Z")
    assert ticks[0]["tick"] != ticks[1]["tick"]


def test_an_object_created_event_is_as_s3_sends_it(mechanics: Mechanics) -> None:
    s3, bucket, key = mechanics.cloud.client("s3"), mechanics.ref("Bucket"), f"a b+%2F/{uuid.uuid4().hex}.war"
    put_object = s3.put_object(Bucket=bucket, Key=key, Body=b"hello")
    copied = f"{uuid.uuid4().hex}.war"
    s3.copy_object(Bucket=bucket, Key=copied, CopySource={"Bucket": bucket, "Key": key})
    part = s3.create_multipart_upload(Bucket=bucket, Key=f"{copied}-parts")
    ids = {"Bucket": bucket, "Key": f"{copied}-parts", "UploadId": part["UploadId"]}
    etag = s3.upload_part(**ids, PartNumber=1, Body=b"x")["ETag"]
    s3.complete_multipart_upload(**ids, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})

    def events(of: str) -> list[dict[str, Any]]:
        return [e for e in mechanics.cloud.control("GET", "/events") if e["detail"].get("object", {}).get("key") == of]

    [event] = mechanics.cloud.eventually(lambda: events(key))
    assert event["detail-type"] == "Object Created"
    assert event["resources"] == [f"arn:aws:s3:::{bucket}"]
    assert event["detail"]["reason"] == "PutObject"
    described = event["detail"]["object"]
    assert described["etag"] == put_object["ETag"].strip('"')
    assert described["version-id"] == put_object["VersionId"]
    assert described["size"] == 5
    [copy] = mechanics.cloud.eventually(lambda: events(copied))
    assert copy["detail"]["reason"] == "CopyObject"
    assert copy["detail"]["object"]["sequencer"] > described["sequencer"]
    [whole] = mechanics.cloud.eventually(lambda: events(f"{copied}-parts"))
    assert whole["detail"]["reason"] == "CompleteMultipartUpload"


def test_a_bucket_without_eventbridge_sends_no_events(mechanics: Mechanics) -> None:
    mechanics.cloud.client("s3").put_object(Bucket=mechanics.ref("Silent"), Key="k", Body=b"")
    last = put(mechanics, "tests")
    mechanics.await_message("Open", last)
    assert not [e for e in mechanics.cloud.control("GET", "/events") if mechanics.ref("Silent") in e["resources"]]


def test_an_event_may_be_lost_or_doubled_and_the_same_seed_strikes_the_same(mechanics: Mechanics) -> None:
    def shown_once(event_id: str) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = mechanics.cloud.control("GET", "/events")
        return events if any(event["id"] == event_id for event in events) else []

    def targets_of(kind: str) -> list[int]:
        mechanics.cloud.control("DELETE", "/faults")
        mechanics.cloud.control("POST", "/faults", {"fault": kind, "rate": 0.5, "seed": 7, "environment": "shop-prod"})
        ids = [mechanics.cloud.control("POST", "/events", beanstalk_event("shop-prod"))["id"] for _ in range(12)]
        spared = mechanics.cloud.control("POST", "/events", beanstalk_event("shop-staging"))["id"]
        shown = mechanics.cloud.eventually(lambda: shown_once(spared))
        mechanics.cloud.control("DELETE", "/faults")
        reached = {i: sum(len(e["targets"]) for e in shown if e["id"] == i) for i in [*ids, spared]}
        assert reached[spared] == 1
        return [reached[i] for i in ids]

    lost, doubled = targets_of("events-lost"), targets_of("events-doubled")
    assert set(lost) == {0, 1}
    assert set(doubled) == {1, 2}
    assert targets_of("events-lost") == lost
