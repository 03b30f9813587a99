"""Mailboxes and queues: wake-ups and their number, failed messages, and messages in dead-letter queues."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.fakes import FakeDeadLetters
from tests.unit.samples import NOW, environment
from wardrop.aws.mailbox import Mailbox, WakeUp, read_wake_up
from wardrop.aws.queues import (
    Attributes,
    DeadLetters,
    Message,
    Received,
    Visibility,
    each_group,
    failures,
    received,
)
from wardrop.errors import Malformed


class FakeQueue:
    def __init__(self, failed=()):
        self.sent, self.changed, self.failed = [], [], list(failed)

    def send_message_batch(self, **batch):
        self.sent.append(batch["Entries"])
        return {"Failed": self.failed}

    def send_message(self, **message):
        self.sent.append(message)

    def change_message_visibility_batch(self, **batch):
        self.changed += batch["Entries"]


def woken(*wake_ups):
    queue = FakeQueue()
    Mailbox(queue, "url").wake(wake_ups)
    return queue.sent


class TestMailbox:
    @pytest.mark.parametrize(("count", "batches"), [(0, []), (1, [1]), (10, [10]), (11, [10, 1]), (25, [10, 10, 5])])
    def test_wake_ups_go_in_batches_of_ten(self, count, batches):
        sent = woken(*(WakeUp(environment=f"shop-{n}", cause="tick/1") for n in range(count)))
        assert [len(batch) for batch in sent] == batches
        assert all(len({entry["Id"] for entry in batch}) == len(batch) for batch in sent)

    def test_each_environment_has_a_message_group_of_its_own(self):
        [[entry]] = woken(WakeUp(environment="shop-prod", cause="tick/1"))
        assert entry["MessageGroupId"] == "shop-prod"

    def test_the_same_cause_wakes_an_environment_once_and_another_cause_again(self):
        first, again, other, elsewhere = (
            woken(WakeUp(environment=name, cause=cause, snapshot=environment(), snapshot_at=NOW))[0][0][
                "MessageDeduplicationId"
            ]
            for name, cause in [("a", "tick/1"), ("a", "tick/1"), ("a", "tick/2"), ("b", "tick/1")]
        )
        assert first == again
        assert len({first, other, elsewhere}) == 3

    def test_the_deduplication_id_is_never_the_content(self):
        ids = [
            woken(WakeUp(environment="a", cause="tick/1", snapshot=environment(status=status)))[0][0][
                "MessageDeduplicationId"
            ]
            for status in ("Ready", "Updating")
        ]
        assert ids[0] == ids[1]

    @given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=300))
    def test_the_deduplication_id_is_what_sqs_takes(self, cause):
        [[entry]] = woken(WakeUp(environment="shop-staging", cause=cause))
        assert 1 <= len(entry["MessageDeduplicationId"]) <= 128

    def test_wake_ups_that_sqs_did_not_take_are_an_error(self):
        queue = FakeQueue(failed=[{"Id": "0", "Message": "busy"}])
        with pytest.raises(RuntimeError, match="1 wake-ups were not accepted: busy"):
            Mailbox(queue, "url").wake([WakeUp(environment="a", cause="b")])

    def test_a_wake_up_arrives_as_it_was_sent(self):
        sent = WakeUp(environment="shop-staging", cause="tick/1", snapshot=environment(), snapshot_at=NOW)
        [[entry]] = woken(sent)
        assert read_wake_up(entry["MessageBody"]) == sent

    def test_fields_of_a_newer_wardrop_are_tolerated(self):
        body = json.dumps({"environment": "a", "cause": "b", "command": {"kind": "approve"}})
        assert read_wake_up(body) == WakeUp(environment="a", cause="b")

    @given(st.text())
    def test_no_body_raises_anything_but_malformed(self, body):
        with pytest.raises(Malformed, match="not a wake-up"):
            read_wake_up(body)


EVENT: Any = {
    "Records": [
        {"messageId": "1", "body": "a", "attributes": {"MessageGroupId": "shop"}},
        {"messageId": "2", "body": "unreadable", "x": 1, "attributes": {"MessageGroupId": "shop"}},
        {"messageId": "3", "body": "b", "attributes": {"MessageGroupId": "mall"}},
        {"messageId": "4", "body": "c", "attributes": {"MessageGroupId": "shop"}},
    ]
}


class TestRecords:
    @staticmethod
    def read(body: str) -> str:
        if body == "unreadable":
            raise Malformed("not a letter")
        return body.upper()

    def test_an_unreadable_message_goes_to_the_dead_letter_queue_and_the_others_are_read(self):
        dead_letters = FakeDeadLetters()
        batch = received(EVENT, self.read, dead_letters)
        assert [one.content for one in batch] == ["A", "B", "C"]
        assert [(message.id, reason) for message, reason in dead_letters.parked] == [("2", "not a letter")]

    @pytest.mark.parametrize("differs", [{"account": "999999999999"}, {"region": "eu-west-1"}, {"account": None}])
    def test_an_event_of_another_account_or_region_goes_to_the_dead_letter_queue(self, differs):
        theirs = {"detail-type": "Object Created", "account": "123456789012", "region": "us-east-1"}
        queue = "arn:aws:sqs:us-east-1:123456789012:wardrop-Drops"
        records = [
            {"messageId": name, "body": json.dumps(body), "eventSourceARN": queue}
            for name, body in {"ours": theirs, "theirs": theirs | differs, "own": {"environment": "shop-prod"}}.items()
        ]
        dead_letters = FakeDeadLetters()
        batch = received({"Records": records}, json.loads, dead_letters)
        assert [one.message.id for one in batch] == ["ours", "own"]
        assert [(message.id, reason) for message, reason in dead_letters.parked] == [
            ("theirs", "the event is not from the account and the region of this stack")
        ]

    def test_each_group_is_processed_once_and_an_error_in_one_fails_its_messages_only(self):
        processed, told = {}, []

        def process(name: str, group: list[Received[str]]) -> list[Message]:
            processed[name] = [one.content for one in group]
            if name == "shop":
                raise RuntimeError("broken")
            return []

        failed = each_group(received(EVENT, self.read, FakeDeadLetters()), process, told.append)
        assert processed == {"shop": ["A", "C"], "mall": ["B"]}
        assert [message.id for message in failed] == ["1", "4"]
        assert told == [failed]

    def test_the_messages_that_a_group_gives_back_have_failed(self):
        batch = received(EVENT, self.read, FakeDeadLetters())
        failed = each_group(batch, lambda name, group: [one.message for one in group if name == "mall"])
        assert failures(failed) == {"batchItemFailures": [{"itemIdentifier": "3"}]}
        assert failures() == {"batchItemFailures": []}

    @pytest.mark.parametrize(
        ("attempts", "after", "seconds"), [(1, None, 5), (3, None, 15), (200, None, 60), (50, 90, 90), (3, 0, 0)]
    )
    def test_a_failed_message_is_delivered_again_after_what_was_asked_or_later_with_each_attempt(
        self, attempts, after, seconds
    ):
        queue = FakeQueue()
        message = Message("1", "a", Attributes(receives=str(attempts)), "receipt")
        Visibility(queue, "url").retry([message], after)
        [entry] = queue.changed
        assert (entry["ReceiptHandle"], entry["VisibilityTimeout"]) == ("receipt", seconds)

    def test_a_message_without_its_first_delivery_is_delivered_for_the_first_time(self):
        first = Attributes(first_received="1767323045131")
        assert Message("1", "a", first).first_received_at(NOW) == datetime(2026, 1, 2, 3, 4, 5, 131_000, UTC)
        assert Message("1", "a").first_received_at(NOW) == NOW

    @pytest.mark.parametrize(("receives", "is_first"), [("1", True), ("2", False), ("11", False)])
    def test_the_number_of_deliveries_shows_the_first_one(self, receives, is_first):
        assert Message("1", "a", Attributes(receives=receives)).is_first_delivery is is_first

    def test_a_parked_message_carries_its_reason(self):
        queue = FakeQueue()
        DeadLetters(queue, "url").park(Message("1", "body"), Malformed("why"))
        [sent] = queue.sent
        assert (sent["QueueUrl"], sent["MessageBody"]) == ("url", "body")
        assert sent["MessageAttributes"]["reason"]["StringValue"] == "why"
        assert "MessageGroupId" not in sent

    def test_a_message_of_a_fifo_queue_is_parked_in_its_group(self):
        queue = FakeQueue()
        message = Message("1", "a", Attributes(group="shop"))
        DeadLetters(queue, "url").park(message, Malformed("why"))
        assert (queue.sent[0]["MessageGroupId"], queue.sent[0]["MessageDeduplicationId"]) == ("shop", "1")
