"""Mappings that read a queue (developer guide, "Using Lambda with Amazon SQS")."""

import json
import uuid

import pytest

from .conftest import SmallStack


def test_a_record_has_the_shape_that_lambda_gives_it(small_stack: SmallStack) -> None:
    tag = small_stack.send("Line", group="a", tag=uuid.uuid4().hex)
    [event] = small_stack.await_invocations(tag)
    [record] = event["Records"]
    assert record.keys() == {
        "messageId", "receiptHandle", "body", "attributes", "messageAttributes",
        "md5OfBody", "eventSource", "eventSourceARN", "awsRegion",
    }  # fmt: skip
    assert record["attributes"].keys() == {
        "ApproximateReceiveCount", "SentTimestamp", "SenderId", "ApproximateFirstReceiveTimestamp",
        "MessageGroupId", "MessageDeduplicationId", "SequenceNumber",
    }  # fmt: skip
    assert record["eventSourceARN"] == small_stack.cloud.resources["Line"]["Arn"]


def test_only_failed_messages_are_retried_and_then_go_to_the_dead_letter_queue(
    small_stack: SmallStack,
) -> None:
    bad = small_stack.send("Jobs", do="report")
    good = small_stack.send("Jobs")
    dead = small_stack.await_message("Dead", bad)
    assert dead["Attributes"]["ApproximateReceiveCount"] >= "2"
    assert small_stack.receive_counts(bad) == ["1", "2"]
    assert small_stack.receive_counts(good) == ["1"]


def test_without_partial_responses_a_batch_fails_as_a_whole(small_stack: SmallStack) -> None:
    tag = small_stack.send("Whole", do="report", times=1)
    assert len(small_stack.await_invocations(tag)) == 1
    tag = small_stack.send("Whole", do="raise", times=1)
    assert len(small_stack.await_invocations(tag, 2)) == 2


def test_an_answer_of_the_wrong_shape_fails_the_whole_batch(small_stack: SmallStack) -> None:
    tags = [
        small_stack.send("Jobs", do="answer", times=1, answer=answer)
        for answer in (
            {"batchItemFailures": [{"itemIdentifier": "unknown"}]},
            {"batchItemFailures": [{}]},
            ["?"],
        )
    ]
    for tag in tags:
        small_stack.cloud.eventually(lambda tag=tag: "2" in small_stack.receive_counts(tag))


def test_a_crash_and_a_timeout_are_failures_and_the_next_message_is_served(small_stack: SmallStack) -> None:
    crashed = small_stack.send("Whole", do="exit", times=1)
    slow = small_stack.send("Windowed", do="sleep", seconds=5, times=1)
    assert len(small_stack.await_invocations(crashed, 2)) == 2
    assert len(small_stack.await_invocations(slow, 2)) == 2


def test_a_group_is_processed_in_order_and_waits_for_a_failed_batch(
    small_stack: SmallStack,
) -> None:
    group, other = uuid.uuid4().hex, uuid.uuid4().hex
    first = small_stack.send("Line", group=group, do="raise", times=1)
    small_stack.await_invocations(first)
    second = small_stack.send("Line", group=group)
    elsewhere = small_stack.send("Line", group=other)
    small_stack.await_invocations(elsewhere)
    assert len(small_stack.invocations(first)) == 1
    assert not small_stack.invocations(second)
    small_stack.await_invocations(first, 2)
    order = [json.loads(record["body"])["tag"] for record in small_stack.invocations(first)[1]["Records"]]
    assert order[0] == first
    if second not in order:
        small_stack.await_invocations(second)


def test_the_same_deduplication_id_is_accepted_once_in_a_group(small_stack: SmallStack) -> None:
    tag, group, sqs = uuid.uuid4().hex, uuid.uuid4().hex, small_stack.cloud.client("sqs")
    numbers = []
    for body in (tag, tag, f"{tag}-last"):
        answer = sqs.send_message(
            QueueUrl=small_stack.ref("Line"),
            MessageBody=json.dumps({"tag": body}),
            MessageGroupId=group,
            MessageDeduplicationId=body,
        )
        numbers.append(answer.get("SequenceNumber"))
    small_stack.cloud.eventually(lambda: small_stack.receive_counts(f"{tag}-last"))
    assert len(small_stack.receive_counts(tag)) == 2  # the message itself, and the message whose tag ends in `-last`
    assert numbers[0] < numbers[2]


def test_a_batching_window_collects_what_arrives(small_stack: SmallStack) -> None:
    tag = uuid.uuid4().hex
    for _ in range(20):
        small_stack.send("Windowed", tag=tag)
    small_stack.cloud.eventually(lambda: len(small_stack.receive_counts(tag)) == 20)
    assert len(small_stack.invocations(tag)) < 5


def test_a_function_gets_its_own_arn(small_stack: SmallStack) -> None:
    tag = small_stack.send("Jobs", do="arn")
    assert small_stack.await_invocations(f"{tag}-outcome") == [{"arn": small_stack.cloud.resources["Worker"]["Arn"]}]


def test_setting_an_attribute_keeps_the_policy_of_the_queue(small_stack: SmallStack) -> None:
    sqs, url = small_stack.cloud.client("sqs"), small_stack.ref("Open")

    def attributes() -> dict[str, str]:
        values: dict[str, str] = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return {name: values[name] for name in ("Policy", "VisibilityTimeout")}

    before = attributes()
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "361"})
    assert attributes() == before | {"VisibilityTimeout": "361"}


@pytest.mark.parametrize("queue", ["Patient", "PatientLine"])
def test_a_message_is_visible_again_as_soon_as_the_function_says(small_stack: SmallStack, queue: str) -> None:
    group = uuid.uuid4().hex if queue == "PatientLine" else None
    tag = small_stack.send(queue, group=group, do="hide", seconds=0, times=1)
    small_stack.await_invocations(tag, 2)  # less than the minute of the queue's own timeout


def test_a_message_is_not_visible_before_the_function_says(small_stack: SmallStack) -> None:
    tag = small_stack.send("Jobs", do="hide", seconds=4, times=1)
    small_stack.cloud.eventually(lambda: len(small_stack.invocations(tag)) == 2)
    (first, _), (second, _) = small_stack.timed_invocations(tag)
    assert second - first >= 3.9  # the queue's own timeout is 2 seconds


def test_a_hidden_message_blocks_only_its_own_group(small_stack: SmallStack) -> None:
    group = uuid.uuid4().hex
    first = small_stack.send("Line", group=group, do="hide", seconds=5, times=1)
    small_stack.await_invocations(first)
    second = small_stack.send("Line", group=group)
    elsewhere = small_stack.send("Line", group=uuid.uuid4().hex)
    small_stack.await_invocations(elsewhere)
    assert not small_stack.invocations(second)
    small_stack.cloud.eventually(lambda: len(small_stack.invocations(first)) == 2)
    times = [at for at, _ in small_stack.timed_invocations(first)]
    assert times[1] - times[0] >= 4.9
