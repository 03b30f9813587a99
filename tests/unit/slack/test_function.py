"""The function post_to_slack: which messages SQS delivers again and when, and which go to the dead-letter queue."""

import importlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from tests.unit.samples import event_files
from tests.unit.slack.test_message import notification
from tests.unit.slack.world import World, change, rejected
from wardrop.alerts.model import Alert
from wardrop.aws.queues import DeadLetters, Visibility
from wardrop.errors import LedgerBusy
from wardrop.slack.errors import CredentialsRefused, LayoutRefused, RateLimited, Unreachable

FILES = event_files("post_to_slack")


class Context:
    function_name = aws_request_id = invoked_function_arn = "post_to_slack"
    memory_limit_in_mb = 512

    def __init__(self, left: float) -> None:
        self.left = left

    def get_remaining_time_in_millis(self) -> int:
        return int(self.left * 1000)


@dataclass
class Queue:
    """The calls to SQS that the function makes."""

    hidden: list[tuple[int, list[str]]] = field(default_factory=list)
    parked: list[tuple[str, str]] = field(default_factory=list)

    def change_message_visibility_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> None:  # noqa: N803
        assert QueueUrl == "posts"
        [seconds] = {entry["VisibilityTimeout"] for entry in Entries}
        self.hidden.append((seconds, [entry["ReceiptHandle"] for entry in Entries]))

    def send_message(self, *, QueueUrl: str, MessageBody: str, MessageAttributes: Any, **order: str) -> None:  # noqa: N803
        assert QueueUrl == "dead"
        assert order["MessageGroupId"]
        self.parked.append((MessageBody, MessageAttributes["reason"]["StringValue"]))


@dataclass
class Invoked:
    world: World
    queue: Queue

    def __call__(self, event: dict[str, Any]) -> list[str]:
        dead, visibility = DeadLetters(self.queue, "dead"), Visibility(self.queue, "posts")
        app = importlib.import_module("functions.post_to_slack.app")
        answer = app.respond(event, Context(self.world.left), self.world.post, dead, visibility)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


@pytest.fixture
def function(world: World) -> Invoked:
    return Invoked(world, Queue())


def records(*alerts: Alert, group: str = "#shop-ops", receives: int = 1) -> dict[str, Any]:
    recent = [msgspec.structs.replace(alert, at=datetime.now(UTC)) for alert in alerts]
    return {
        "Records": [
            {
                "messageId": f"m-{group}-{number}",
                "receiptHandle": f"r-{group}-{number}",
                "body": msgspec.json.encode(notification(alert, channel=group)).decode(),
                "attributes": {"MessageGroupId": group, "ApproximateReceiveCount": str(receives)},
            }
            for number, alert in enumerate(recent)
        ]
    }


@pytest.mark.parametrize("name", FILES)
def test_each_event_file_does_what_its_name_says(name, function):
    failed = function(FILES[name])
    assert failed == []
    count = len(FILES[name]["Records"])
    assert len(function.queue.parked) == (1 if name.endswith("_malformed") else 0)
    assert bool(function.world.slack.messages) == (not name.endswith("_malformed") or count > 1)


def test_after_a_failure_all_later_messages_of_the_channel_are_retried(function):
    function.world.slack.refusals = [None, Unreachable("down")]
    assert function(records(rejected(1), rejected(2), rejected(3))) == ["m-#shop-ops-1", "m-#shop-ops-2"]
    assert function.queue.hidden == [(5, ["r-#shop-ops-1", "r-#shop-ops-2"])]


def test_another_channel_is_not_blocked(function):
    function.world.slack.refusals = [Unreachable("down")]
    event = records(rejected(1))
    event["Records"] += records(rejected(2), group="#other")["Records"]
    assert function(event) == ["m-#shop-ops-0"]
    assert [root.channel for root in function.world.slack.roots] == ["#other"]


@pytest.mark.parametrize(
    ("trouble", "receives", "seconds"),
    [
        (Unreachable("down"), 1, 5),
        (Unreachable("down"), 3, 15),
        (Unreachable("down"), 200, 60),
        (CredentialsRefused("revoked"), 2, 10),
        (RateLimited(90), 1, 90),
        (RateLimited(90), 50, 90),
        (LedgerBusy("DynamoDB refused GetItem"), 1, 60),
        (ValueError("an error of Wardrop"), 1, 5),
    ],
)
def test_failed_messages_are_delivered_again_when_a_retry_may_help(function, trouble, receives, seconds):
    function.world.slack.refusals = [trouble, trouble]
    assert function(records(rejected(1), receives=receives)) == ["m-#shop-ops-0"]
    assert function.queue.hidden == [(seconds, ["r-#shop-ops-0"])]


def test_messages_without_enough_time_are_delivered_again_at_once(function):
    function.world.left = 0
    assert function(records(rejected(1))) == ["m-#shop-ops-0"]
    assert function.queue.hidden == [(0, ["r-#shop-ops-0"])]


def test_a_refused_message_moves_to_the_dead_letter_queue_with_the_reason(function):
    function.world.slack.refusals = [LayoutRefused("odd"), LayoutRefused("odd"), Unreachable("down")]
    assert function(records(rejected(1), rejected(2))) == ["m-#shop-ops-1"]
    [(body, reason)] = function.queue.parked
    assert "no 1" in body
    assert reason == "Slack refused the alert in #shop-ops: odd"


def test_a_refused_message_is_not_retried_with_a_message_that_failed_before_it(function):
    function.world.slack.refusals = [LayoutRefused("odd"), LayoutRefused("odd"), Unreachable("down")]
    assert function(records(change(1), rejected(1), change(2))) == ["m-#shop-ops-1"]
    assert len(function.queue.parked) == 2


def test_the_pace_is_kept_before_the_next_invocation(function):
    function(records(rejected(1)))
    assert function.world.time.slept == [1.0]


def test_refused_credentials_are_logged_in_one_line_without_a_stack_trace(function, caplog):
    function.world.slack.refusals = [CredentialsRefused("token_revoked"), CredentialsRefused("token_revoked")]
    function(records(rejected(1), rejected(2)))
    [line] = caplog.records
    assert (line.levelname, line.getMessage()) == ("ERROR", "posted later: token_revoked")
    assert line.exc_info is None
