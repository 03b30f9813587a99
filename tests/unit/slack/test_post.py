"""Slack's channels: what is posted, edited, told in threads; and that nothing is lost or told twice."""

import importlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.samples import NOW, TABLE, event_files
from tests.unit.slack.test_message import deployed, notification
from wardrop.alerts.kinds import Kind, Severity
from wardrop.alerts.model import Alert, Notification, new_alert
from wardrop.aws.ledger.table import Table
from wardrop.aws.ledger.threads import Threads
from wardrop.aws.queues import DeadLetters, Visibility
from wardrop.aws.secrets import NoSecret
from wardrop.errors import WardropError
from wardrop.slack.client import (
    ChannelRefused,
    CredentialsRefused,
    LayoutRefused,
    MessageGone,
    Posted,
    RateLimited,
    Slack,
    Unreachable,
)
from wardrop.slack.message import SlackMessage
from wardrop.slack.post import Outcome, OutOfTime, Pace, PostToSlack, Workspace
from wardrop.slack.thread import KEPT_IDS, STALE, Thread, plan, stale

LATER = NOW + timedelta(seconds=5)
PLENTY = 60.0
STEPS = (
    Kind.DEPLOYMENT_QUEUED,
    Kind.DEPLOYMENT_STARTED,
    Kind.DEPLOYMENT_PROGRESSED,
    Kind.DEPLOYMENT_BAKING,
    Kind.DEPLOYMENT_SUCCEEDED,
)


@dataclass
class Shown:
    channel: str
    message: SlackMessage
    thread_ts: str | None = None
    everybody: bool = False


class FakeSlack:
    """Channels that take what a list of errors does not refuse, one for each call."""

    def __init__(self, *, edits: bool = True) -> None:
        self.edits = edits
        self.messages: dict[str, Shown] = {}
        self.posted = 0
        self.refusals: list[WardropError | None] = []
        self.closed: set[str] = set()
        self.calls: list[str] = []

    def post(
        self, channel: str, message: SlackMessage, thread_ts: str | None = None, *, everybody: bool = False
    ) -> Posted:
        self._call("post")
        if channel in self.closed:
            raise ChannelRefused("not_in_channel")
        if thread_ts is not None and thread_ts not in self.messages:
            raise MessageGone("thread_not_found")
        self.posted += 1
        ts = f"{self.posted}.0"
        self.messages[ts] = Shown(channel, message, thread_ts, everybody)
        return Posted(f"id of {channel}" if not channel.startswith("id of") else channel, ts)

    def edit(self, channel: str, ts: str, message: SlackMessage) -> None:
        self._call("edit")
        if ts not in self.messages:
            raise MessageGone("message_not_found")
        assert channel == f"id of {self.messages[ts].channel}"
        self.messages[ts].message = message

    def _call(self, name: str) -> None:
        self.calls.append(name)
        if self.refusals and (error := self.refusals.pop(0)):
            raise error

    @property
    def roots(self) -> list[Shown]:
        return [one for one in self.messages.values() if one.thread_ts is None]

    @property
    def replies(self) -> list[Shown]:
        return [one for one in self.messages.values() if one.thread_ts is not None]


class FakeTime:
    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass
class FakeSecrets:
    text: str | None = "the secret"
    reads: int = 0

    def read(self) -> str:
        self.reads += 1
        if self.text is None:
            raise NoSecret("there is none")
        return self.text


@dataclass
class World:
    threads: Threads
    slack: FakeSlack = field(default_factory=FakeSlack)
    secrets: FakeSecrets = field(default_factory=FakeSecrets)
    time: FakeTime = field(default_factory=FakeTime)
    default_channel: str | None = "#wardrop"
    left: float = PLENTY
    connecting: Callable[[str], Slack] | None = None

    def __post_init__(self) -> None:
        workspace = Workspace(self.secrets, self.connecting or (lambda _: self.slack))  # type: ignore[arg-type]
        self.post = PostToSlack(workspace, self.threads, Pace(self.time, self.time.sleep), self.default_channel)

    def tell(self, *told: Alert | Notification, now: datetime = LATER) -> Outcome:
        sent = [one if isinstance(one, Notification) else notification(one) for one in told]
        return self.post(sent, now, lambda: self.left - self.time.now)


@pytest.fixture
def world(dynamodb: Any) -> World:
    return World(Threads(Table(dynamodb, TABLE)))


def change(number: int, kind: Kind = Kind.DEPLOYMENT_STARTED, **differs: Any) -> Alert:
    """Of one deployment."""
    told = deployed(kind, f"change {number}", change=number, **differs)
    return msgspec.structs.replace(told, alert_id=f"{told.deployment}/{number}/{kind}")


def incident(number: int, kind: Kind = Kind.INCIDENT_OPENED, severity: Severity = Severity.ERROR) -> Alert:
    return new_alert(
        kind, f"i-1/{number}", NOW, f"{kind}", severity=severity, environment="shop-prod", incident="i-1", change=number
    )


def rejected(number: int = 1, **differs: Any) -> Alert:
    told = new_alert(Kind.DROP_REJECTED, f"drop-{number}", NOW, f"no {number}", application="shop")
    return msgspec.structs.replace(told, **differs)


class TestADeployment:
    def test_is_one_message_that_is_edited_as_it_proceeds_and_a_thread_that_tells_all(self, world):
        for number, kind in enumerate(STEPS, start=1):
            assert world.tell(change(number, kind)).trouble is None
        [root] = world.slack.roots
        assert root.channel == "#shop-ops"
        assert "shop-42 was deployed" in root.message.text
        thread = "\n".join(reply.message.blocks[0]["text"]["text"] for reply in world.slack.replies)
        told = [f"change {n}" in json.dumps([as_text(one) for one in world.slack.replies]) for n in range(1, 6)]
        assert told == [True, True, False, True, True], thread

    def test_whose_changes_come_at_once_costs_one_edit_and_one_reply(self, world):
        world.tell(change(1))
        world.slack.calls.clear()
        world.tell(change(2), change(3, Kind.DEPLOYMENT_BAKING), change(4, Kind.DEPLOYMENT_SUCCEEDED))
        assert world.slack.calls == ["edit", "post"]
        [reply] = world.slack.replies
        assert [f"change {n}" in as_text(reply) for n in range(1, 5)] == [True] * 4
        assert "change 4" in as_text(world.slack.roots[0])

    def test_is_told_in_the_message_alone_as_long_as_there_is_only_one_change(self, world):
        world.tell(change(1))
        assert world.slack.calls == ["post"]

    def test_whose_older_change_comes_late_keeps_what_is_newer(self, world):
        world.tell(change(5, Kind.DEPLOYMENT_SUCCEEDED))
        world.tell(change(2))
        assert "change 5" in as_text(world.slack.roots[0])
        assert "change 2" in as_text(world.slack.replies[0])
        world.tell(change(3), change(6, Kind.DEPLOYMENT_SUCCEEDED), change(4))
        assert "change 6" in as_text(world.slack.roots[0])

    def test_is_seen_by_everybody_in_the_channel_when_it_goes_wrong_or_waits_for_a_person(self, world):
        world.tell(change(1))
        world.tell(change(2))
        world.tell(change(3, Kind.DEPLOYMENT_AWAITING_APPROVAL))
        world.tell(change(4, Kind.DEPLOYMENT_FAILED))
        assert [reply.everybody for reply in world.slack.replies] == [False, True, True]

    def test_whose_message_is_new_to_everybody_need_not_show_them_its_thread_too(self, world):
        world.tell(change(1), change(2, Kind.DEPLOYMENT_FAILED))
        assert [reply.everybody for reply in world.slack.replies] == [False]

    def test_progress_edits_the_message_and_replies_nothing(self, world):
        world.tell(change(1))
        world.slack.calls.clear()
        world.tell(change(2, Kind.DEPLOYMENT_PROGRESSED))
        assert world.slack.calls == ["edit"]

    def test_whose_message_was_deleted_gets_a_new_one(self, world):
        world.tell(change(1))
        world.slack.messages.clear()
        world.tell(change(2))
        [root] = world.slack.roots
        assert "change 2" in as_text(root)
        assert world.slack.replies == []
        world.tell(change(3))
        assert "change 3" in as_text(world.slack.roots[0])

    def test_whose_message_was_deleted_gets_a_new_one_also_for_an_older_change_that_comes_late(self, world):
        world.tell(change(5))
        world.slack.messages.clear()
        late = change(3)
        assert world.tell(late).settled == {late.alert_id}
        assert [one.message.text.splitlines()[1] for one in world.slack.roots] == ["change 3"]

    def test_two_of_them_have_a_message_each(self, world):
        world.tell(change(1), change(1, deployment="another"))
        assert len(world.slack.roots) == 2


class TestAnIncident:
    def test_is_one_thread_whose_message_is_green_in_the_end(self, world):
        world.tell(incident(1))
        world.tell(incident(2, Kind.INCIDENT_WORSENED, Severity.CRITICAL))
        world.tell(incident(3, Kind.INCIDENT_RECOVERED, Severity.INFO))
        [root] = world.slack.roots
        assert root.message.attachments[0]["color"] == "#2eb67d"
        assert len(world.slack.replies) == 2
        assert "health is" in as_text(world.slack.replies[0])
        assert all(reply.everybody for reply in world.slack.replies)

    def test_that_is_about_neither_is_a_message_of_its_own(self, world):
        world.tell(rejected(1), rejected(2))
        assert len(world.slack.roots) == 2
        assert world.slack.replies == []


class TestTheSameAlertAgain:
    @pytest.mark.parametrize("edits", [True, False])
    def test_posts_nothing(self, world, edits):
        world.slack.edits = edits
        one = [change(1), rejected(1), incident(1)]
        world.tell(*one)
        calls = list(world.slack.calls)
        outcome = world.tell(*one)
        assert world.slack.calls == calls
        assert outcome.settled == {alert.alert_id for alert in one}

    def test_twice_in_one_batch_posts_once(self, world):
        world.tell(rejected(1), rejected(1))
        assert world.slack.calls == ["post"]

    def test_after_a_reply_that_failed_posts_only_that_reply(self, world):
        world.slack.refusals = [None, Unreachable("down")]
        two = [change(1), change(2)]
        assert world.tell(*two).settled == set()
        assert world.tell(*two).settled == {alert.alert_id for alert in two}
        assert len(world.slack.roots) == len(world.slack.replies) == 1

    def test_only_the_last_ids_are_remembered(self):
        thread = Thread()
        for number in range(2 * KEPT_IDS):
            thread = thread.after([change(number)], NOW)
        assert len(thread.told) == KEPT_IDS
        assert thread.told[-1] == change(2 * KEPT_IDS - 1).alert_id


class TestAWebhook:
    @pytest.fixture(autouse=True)
    def bound(self, world):
        world.slack.edits = False

    def test_is_told_each_change_that_is_worth_a_message(self, world):
        for number, kind in enumerate(STEPS, start=1):
            assert world.tell(change(number, kind)).settled
        assert [words in as_text(one) for one, words in zip(world.slack.roots, ["change 2", "change 5"], strict=True)]
        assert world.slack.replies == []

    def test_is_told_of_one_deployments_changes_together_if_they_come_together(self, world):
        world.tell(*(change(number, kind) for number, kind in enumerate(STEPS, start=1)))
        [only] = world.slack.roots
        assert "shop-42 was deployed" in only.message.text
        assert "change 2" in as_text(only)

    @pytest.mark.parametrize("kind", [kind for kind in Kind if kind.traits.severity is not Severity.INFO])
    def test_is_told_of_everything_that_is_more_than_information(self, world, kind):
        world.tell(change(1, kind))
        assert len(world.slack.roots) == 1


class TestTrouble:
    @pytest.mark.parametrize(
        "trouble",
        [Unreachable("down"), RateLimited(600), CredentialsRefused("token_revoked")],
        ids=lambda t: type(t).__name__,
    )
    def test_loses_nothing_and_what_was_told_before_it_stays_told(self, world, trouble):
        world.slack.refusals = [None, trouble, trouble]
        outcome = world.tell(rejected(1), rejected(2), rejected(3))
        assert outcome.trouble is trouble
        assert outcome.settled == {rejected(1).alert_id}
        assert outcome.refused == {}

    def test_a_short_wait_that_slack_asks_for_is_waited_for_in_place(self, world):
        world.slack.refusals = [RateLimited(7)]
        assert world.tell(rejected()).trouble is None
        assert 7 in world.time.slept
        assert len(world.slack.roots) == 1

    def test_a_wait_for_which_there_is_no_time_is_left_to_the_queue(self, world):
        world.left, world.slack.refusals = 25.0, [RateLimited(7)]
        outcome = world.tell(rejected())
        assert isinstance(outcome.trouble, RateLimited)
        assert world.time.slept == []

    def test_nothing_is_begun_without_the_time_to_end_it(self, world):
        world.left = 10.0
        outcome = world.tell(rejected())
        assert isinstance(outcome.trouble, OutOfTime)
        assert world.slack.calls == []

    def test_a_new_secret_is_taken_as_soon_as_the_old_one_is_refused(self, dynamodb):
        good, secrets = FakeSlack(), FakeSecrets("old")
        bad = FakeSlack()
        bad.refusals = [None, CredentialsRefused("token_revoked")]
        world = World(
            Threads(Table(dynamodb, TABLE)), secrets=secrets, connecting=lambda text: good if text == "new" else bad
        )
        world.tell(rejected(1))
        secrets.text = "new"
        assert world.tell(rejected(2)).settled == {rejected(2).alert_id}
        assert secrets.reads == 2
        assert len(good.roots) == 1

    def test_a_secret_that_is_missing_is_asked_for_again_each_time(self, world):
        world.secrets.text = None
        outcome = world.tell(rejected())
        assert isinstance(outcome.trouble, CredentialsRefused)
        assert outcome.trouble.reason == "there is none"
        world.secrets.text = "now there is one"
        assert world.tell(rejected()).trouble is None

    def test_a_secret_whose_address_leads_nowhere_is_read_again(self, world):
        world.slack.refusals = [Unreachable("nobody there")]
        world.tell(rejected())
        world.tell(rejected())
        assert world.secrets.reads == 2

    def test_a_refused_layout_is_told_as_plain_text(self, world):
        world.slack.refusals = [LayoutRefused("invalid_blocks")]
        world.tell(rejected())
        [root] = world.slack.roots
        assert root.message.blocks == root.message.attachments == []
        assert "a dropped file was rejected" in root.message.text

    def test_what_is_refused_as_plain_text_too_is_given_up_with_the_reason_and_holds_up_nothing(self, world):
        world.slack.refusals = [LayoutRefused("odd"), LayoutRefused("odd")]
        outcome = world.tell(rejected(1), rejected(2))
        assert outcome.refused[rejected(1).alert_id].reason == "Slack refuses it in #shop-ops: odd"
        assert outcome.settled == {rejected(2).alert_id}


class TestAChannelThatRefuses:
    def test_has_its_alerts_in_the_stacks_channel_with_a_note(self, world):
        world.slack.closed = {"#shop-ops"}
        assert world.tell(change(1)).refused == {}
        world.tell(change(2))
        [root] = world.slack.roots
        assert root.channel == "#wardrop"
        assert "Meant for #shop-ops, where Slack says not_in_channel" in as_text(root)
        assert world.slack.replies[0].channel == "id of #wardrop"

    def test_has_a_backlog_there_too(self, world):
        world.slack.closed = {"#shop-ops"}
        world.tell(rejected(1), rejected(2), now=NOW + timedelta(hours=1))
        [together] = world.slack.roots
        assert together.channel == "#wardrop"
        assert "Meant for #shop-ops" in as_text(together)

    @pytest.mark.parametrize("default", [None, "#shop-ops"])
    def test_with_no_other_channel_it_is_given_up_with_the_reason(self, dynamodb, default):
        world = World(Threads(Table(dynamodb, TABLE)), default_channel=default)
        world.slack.closed = {"#shop-ops"}
        outcome = world.tell(rejected(1))
        assert outcome.refused[rejected(1).alert_id].reason == "Slack refuses it in #shop-ops: not_in_channel"

    def test_without_any_channel_it_is_given_up_with_what_to_do(self, dynamodb):
        world = World(Threads(Table(dynamodb, TABLE)), default_channel=None)
        outcome = world.tell(notification(rejected(1), channel=None))
        assert "SlackChannel" in outcome.refused[rejected(1).alert_id].reason

    def test_what_names_none_goes_to_the_stacks(self, world):
        world.tell(notification(rejected(1), channel=None))
        assert world.slack.roots[0].channel == "#wardrop"


class TestABacklog:
    def test_is_one_message_and_what_is_shown_already_is_put_right(self, world):
        world.tell(change(1))
        world.slack.calls.clear()
        late = [
            change(2, Kind.DEPLOYMENT_ROLLING_BACK),
            change(3, Kind.DEPLOYMENT_ROLLED_BACK),
            rejected(1),
            rejected(2),
        ]
        outcome = world.tell(*late, now=NOW + STALE + timedelta(minutes=1))
        assert outcome.settled == {alert.alert_id for alert in late}
        assert world.slack.calls == ["edit", "post"]
        root, together = world.slack.roots
        assert "change 3" in as_text(root)
        assert all(words in as_text(together) for words in ("change 2", "change 3", "no 1", "no 2"))
        world.slack.calls.clear()
        world.tell(*late, now=NOW + STALE + timedelta(minutes=2))
        assert world.slack.calls == []

    def test_what_is_fresh_among_it_is_told_by_itself(self, world):
        now = NOW + timedelta(hours=1)
        world.tell(rejected(1), rejected(2), rejected(3, at=now), now=now)
        assert len(world.slack.roots) == 2

    def test_one_late_alert_is_told_as_any_other(self, world):
        world.tell(rejected(1), now=NOW + timedelta(hours=1))
        assert "no 1" in world.slack.roots[0].message.attachments[0]["blocks"][0]["text"]["text"]

    def test_leaves_out_the_steps_on_the_way_but_the_last(self, world):
        steps = [change(number, kind) for number, kind in enumerate(STEPS[:4], start=1)]
        world.tell(*steps, now=NOW + timedelta(hours=1))
        [together] = world.slack.roots
        assert [f"change {n}" in as_text(together) for n in range(1, 5)] == [False, True, False, True]

    @pytest.mark.parametrize("minutes", [9, 11])
    def test_is_what_is_older_than_ten_minutes(self, minutes):
        two = [notification(rejected(1)), notification(rejected(2))]
        assert bool(stale(two, NOW + timedelta(minutes=minutes))) == (minutes > 10)


class TestPace:
    def test_is_one_call_a_second_and_channel(self, world):
        world.tell(*(rejected(number) for number in range(4)))
        assert world.time.slept == [1.0, 1.0, 1.0]

    def test_a_second_runs_from_slacks_answer(self, world):
        """A slow call and a quick one after it would come closer together than they were made."""
        with world.post.pace.kept("#wardrop"):
            world.time.now += 3
        with world.post.pace.kept("#wardrop"):
            pass
        assert world.time.slept == [1.0]

    def test_another_channel_need_not_wait(self, world):
        world.tell(rejected(1))
        world.tell(notification(rejected(2), channel="#other"))
        assert world.time.slept == []

    def test_the_next_invocation_finds_the_second_over(self, world):
        world.tell(rejected(1))
        world.time.now += 0.25
        world.post.pace.end()
        assert world.time.slept == [0.75]
        world.post.pace.end()
        assert world.time.slept == [0.75]


CHANGES = st.lists(st.tuples(st.integers(0, 5), st.sampled_from([*STEPS, Kind.DEPLOYMENT_FAILED])), max_size=6)


@given(st.lists(CHANGES, max_size=4))
def test_a_message_never_goes_back_and_every_change_is_told(batches):
    thread, shown, told = Thread(), -1, []
    for batch in batches:
        new = thread.untold(notification(change(number, kind)) for number, kind in batch)
        made = plan(thread, new)
        if made.show:
            assert made.show.alert.change >= shown
            shown = made.show.alert.change
            thread = msgspec.structs.replace(thread, ts="1.0", change=shown)
        assert shown == max([shown, *(one.alert.change for one in new)])
        told += made.tell
        thread = msgspec.structs.replace(thread.after((one.alert for one in new), NOW), first=made.first)
    everything = "\n".join([*told, thread.first or ""])
    for number, kind in {one for batch in batches for one in batch}:
        assert kind is Kind.DEPLOYMENT_PROGRESSED or f"change {number}" in everything


def as_text(one: Shown) -> str:
    return json.dumps(msgspec.to_builtins(one.message), ensure_ascii=False)


# The function

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
    """SQS, as far as the function speaks to it."""

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
    app: Any

    def __call__(self, event: dict[str, Any]) -> list[str]:
        dead, visibility = DeadLetters(self.queue, "dead"), Visibility(self.queue, "posts")
        answer = self.app.respond(event, Context(self.world.left), self.world.post, dead, visibility)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


@pytest.fixture
def function(world: World) -> Invoked:
    app = importlib.import_module("functions.post_to_slack.app")
    queue = Queue()
    return Invoked(world, queue, app)


def records(*old: Alert, group: str = "#shop-ops", receives: int = 1) -> dict[str, Any]:
    told = [msgspec.structs.replace(alert, at=datetime.now(UTC)) for alert in old]
    return {
        "Records": [
            {
                "messageId": f"m-{group}-{number}",
                "receiptHandle": f"r-{group}-{number}",
                "body": msgspec.json.encode(notification(alert, channel=group)).decode(),
                "attributes": {"MessageGroupId": group, "ApproximateReceiveCount": str(receives)},
            }
            for number, alert in enumerate(told)
        ]
    }


@pytest.mark.parametrize("name", FILES)
def test_each_event_file_does_what_its_name_says(name, function):
    failed = function(FILES[name])
    assert failed == []
    count = len(FILES[name]["Records"])
    assert len(function.queue.parked) == (1 if name.endswith("_malformed") else 0)
    assert bool(function.world.slack.messages) == (not name.endswith("_malformed") or count > 1)


def test_once_one_has_failed_all_later_ones_of_its_channel_come_again(function):
    function.world.slack.refusals = [None, Unreachable("down")]
    assert function(records(rejected(1), rejected(2), rejected(3))) == ["m-#shop-ops-1", "m-#shop-ops-2"]
    assert function.queue.hidden == [(5, ["r-#shop-ops-1", "r-#shop-ops-2"])]


def test_another_channel_is_not_held_up(function):
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
        (ValueError("a fault of ours"), 1, 5),
    ],
)
def test_what_failed_comes_back_when_it_may_help(function, trouble, receives, seconds):
    function.world.slack.refusals = [trouble, trouble]
    assert function(records(rejected(1), receives=receives)) == ["m-#shop-ops-0"]
    assert function.queue.hidden == [(seconds, ["r-#shop-ops-0"])]


def test_what_there_was_no_time_for_comes_back_at_once(function):
    function.world.left = 0
    assert function(records(rejected(1))) == ["m-#shop-ops-0"]
    assert function.queue.hidden == [(0, ["r-#shop-ops-0"])]


def test_what_slack_will_never_take_is_parked_with_the_reason_and_does_not_come_again(function):
    function.world.slack.refusals = [LayoutRefused("odd"), LayoutRefused("odd"), Unreachable("down")]
    assert function(records(rejected(1), rejected(2))) == ["m-#shop-ops-1"]
    [(body, reason)] = function.queue.parked
    assert "no 1" in body
    assert reason == "Slack refuses it in #shop-ops: odd"


def test_what_is_parked_does_not_come_again_with_what_failed_before_it(function):
    function.world.slack.refusals = [LayoutRefused("odd"), LayoutRefused("odd"), Unreachable("down")]
    assert function(records(change(1), rejected(1), change(2))) == ["m-#shop-ops-1"]
    assert len(function.queue.parked) == 2


def test_the_second_is_over_before_the_next_invocation(function):
    function(records(rejected(1)))
    assert function.world.time.slept == [1.0]


def test_refused_credentials_are_one_line_of_the_log_without_a_stack_trace(function, caplog):
    function.world.slack.refusals = [CredentialsRefused("token_revoked"), CredentialsRefused("token_revoked")]
    function(records(rejected(1), rejected(2)))
    [line] = caplog.records
    assert (line.levelname, line.getMessage()) == ("ERROR", "posted later: token_revoked")
    assert line.exc_info is None
