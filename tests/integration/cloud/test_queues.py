"""Event source mappings; developer guide, "Using Lambda with Amazon SQS"."""

import json
import uuid

import pytest

from .conftest import Mechanics


def test_a_record_has_the_shape_that_lambda_gives_it(mechanics: Mechanics) -> None:
    tag = mechanics.send("Line", group="a", tag=uuid.uuid4().hex)
    [event] = mechanics.await_seen(tag)
    [record] = event["Records"]
    assert record.keys() == {
        "messageId", "receiptHandle", "body", "attributes", "messageAttributes",
        "md5OfBody", "eventSource", "eventSourceARN", "awsRegion",
    }  # fmt: skip
    assert record["attributes"].keys() == {
        "ApproximateReceiveCount", "SentTimestamp", "SenderId", "ApproximateFirstReceiveTimestamp",
        "MessageGroupId", "MessageDeduplicationId", "SequenceNumber",
    }  # fmt: skip
    assert record["eventSourceARN"] == mechanics.cloud.resources["Line"]["Arn"]


def test_only_failed_messages_are_retried_and_then_go_to_the_dead_letter_queue(
    mechanics: Mechanics,
) -> None:
    bad = mechanics.send("Jobs", do="report")
    good = mechanics.send("Jobs")
    dead = mechanics.await_message("Dead", bad)
    assert dead["Attributes"]["ApproximateReceiveCount"] >= "2"
    assert mechanics.receive_counts(bad) == ["1", "2"]
    assert mechanics.receive_counts(good) == ["1"]


def test_without_partial_responses_a_batch_fails_as_a_whole(mechanics: Mechanics) -> None:
    tag = mechanics.send("Whole", do="report", times=1)
    assert len(mechanics.await_seen(tag)) == 1
    tag = mechanics.send("Whole", do="raise", times=1)
    assert len(mechanics.await_seen(tag, 2)) == 2


def test_an_answer_of_the_wrong_shape_fails_the_whole_batch(mechanics: Mechanics) -> None:
    tags = [
        mechanics.send("Jobs", do="answer", times=1, answer=answer)
        for answer in (
            {"batchItemFailures": [{"itemIdentifier": "unknown"}]},
            {"batchItemFailures": [{}]},
            ["?"],
        )
    ]
    for tag in tags:
        mechanics.cloud.eventually(lambda tag=tag: "2" in mechanics.receive_counts(tag))


def test_a_crash_and_a_timeout_are_failures_and_the_next_message_is_served(mechanics: Mechanics) -> None:
    crashed = mechanics.send("Whole", do="exit", times=1)
    slow = mechanics.send("Windowed", do="sleep", seconds=5, times=1)
    assert len(mechanics.await_seen(crashed, 2)) == 2
    assert len(mechanics.await_seen(slow, 2)) == 2


def test_a_group_is_processed_in_order_and_waits_for_a_failed_batch(
    mechanics: Mechanics,
) -> None:
    group, other = uuid.uuid4().hex, uuid.uuid4().hex
    first = mechanics.send("Line", group=group, do="raise", times=1)
    mechanics.await_seen(first)
    second = mechanics.send("Line", group=group)
    elsewhere = mechanics.send("Line", group=other)
    mechanics.await_seen(elsewhere)
    assert len(mechanics.seen(first)) == 1
    assert not mechanics.seen(second)
    mechanics.await_seen(first, 2)
    order = [json.loads(record["body"])["tag"] for record in mechanics.seen(first)[1]["Records"]]
    assert order[0] == first
    if second not in order:
        mechanics.await_seen(second)


def test_the_same_deduplication_id_is_accepted_once_in_a_group(mechanics: Mechanics) -> None:
    tag, group, sqs = uuid.uuid4().hex, uuid.uuid4().hex, mechanics.cloud.client("sqs")
    numbers = []
    for body in (tag, tag, f"{tag}-last"):
        answer = sqs.send_message(
            QueueUrl=mechanics.ref("Line"),
            MessageBody=json.dumps({"tag": body}),
            MessageGroupId=group,
            MessageDeduplicationId=body,
        )
        numbers.append(answer.get("SequenceNumber"))
    mechanics.cloud.eventually(lambda: mechanics.receive_counts(f"{tag}-last"))
    assert len(mechanics.receive_counts(tag)) == 2  # itself and `-last`
    assert numbers[0] < numbers[2]


def test_a_batching_window_collects_what_arrives(mechanics: Mechanics) -> None:
    tag = uuid.uuid4().hex
    for _ in range(20):
        mechanics.send("Windowed", tag=tag)
    mechanics.cloud.eventually(lambda: len(mechanics.receive_counts(tag)) == 20)
    assert len(mechanics.seen(tag)) < 5


def test_a_function_gets_its_own_arn(mechanics: Mechanics) -> None:
    tag = mechanics.send("Jobs", do="who")
    assert mechanics.await_seen(f"{tag}-outcome") == [{"arn": mechanics.cloud.resources["Worker"]["Arn"]}]


def test_setting_an_attribute_keeps_the_policy_of_the_queue(mechanics: Mechanics) -> None:
    sqs, url = mechanics.cloud.client("sqs"), mechanics.ref("Open")

    def attributes() -> dict[str, str]:
        shown: dict[str, str] = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return {name: shown[name] for name in ("Policy", "VisibilityTimeout")}

    before = attributes()
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "361"})
    assert attributes() == before | {"VisibilityTimeout": "361"}


@pytest.mark.parametrize("queue", ["Patient", "PatientLine"])
def test_a_message_is_visible_again_as_soon_as_the_function_says(mechanics: Mechanics, queue: str) -> None:
    group = uuid.uuid4().hex if queue == "PatientLine" else None
    tag = mechanics.send(queue, group=group, do="hide", seconds=0, times=1)
    mechanics.await_seen(tag, 2)  # within less than the queue's own minute


def test_a_message_is_not_visible_before_the_function_says(mechanics: Mechanics) -> None:
    tag = mechanics.send("Jobs", do="hide", seconds=4, times=1)
    mechanics.cloud.eventually(lambda: len(mechanics.seen(tag)) == 2)
    (first, _), (second, _) = mechanics.seen_at(tag)
    assert second - first >= 3.9  # the queue's own timeout is 2


def test_a_hidden_message_blocks_only_its_own_group(mechanics: Mechanics) -> None:
    group = uuid.uuid4().hex
    first = mechanics.send("Line", group=group, do="hide", seconds=5, times=1)
    mechanics.await_seen(first)
    second = mechanics.send("Line", group=group)
    elsewhere = mechanics.send("Line", group=uuid.uuid4().hex)
    mechanics.await_seen(elsewhere)
    assert not mechanics.seen(second)
    mechanics.cloud.eventually(lambda: len(mechanics.seen(first)) == 2)
    times = [at for at, _ in mechanics.seen_at(first)]
    assert times[1] - times[0] >= 4.9
