"""The function AdvanceDeployment: a batch of messages leads to one look at each environment."""

import importlib
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.fakes import FakeDeadLetters, FakeQueue
from tests.unit.samples import NEW, event_files
from wardrop.aws.mailbox import WakeUp, read_wake_up
from wardrop.deployments.state import WaitKind, WaitsFor
from wardrop.deployments.steps import Look, Wait
from wardrop.environments.model import Environment
from wardrop.errors import NotNow, Outdated

app: Any = importlib.import_module("functions.advance_deployment.app")


class Function:
    """The function, with a verb and a dead-letter queue that only record what they get."""

    def __init__(self) -> None:
        self.looked: list[tuple[str, int]] = []
        self.dead_letters, self.queue = FakeDeadLetters(), FakeQueue()
        self.errors: dict[str, Exception] = {}

    def look(self, environment: str, wake_ups: list[WakeUp], _now: object) -> Look:
        self.looked.append((environment, len(wake_ups)))
        if environment in self.errors:
            raise self.errors[environment]
        return Look(NEW, Wait("because", WaitsFor(WaitKind.UPDATE)), "because")

    def respond(self, name: str, milliseconds: int = 30_000) -> list[str]:
        answer = app.respond(FILES[name], Context(milliseconds), self.look, self.dead_letters, self.queue)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


@pytest.fixture
def function() -> Function:
    return Function()


class Context:
    def __init__(self, milliseconds: int = 30_000) -> None:
        self._milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self._milliseconds


FILES = event_files("advance_deployment")


class TestTheFunction:
    @pytest.mark.parametrize("name", FILES)
    def test_every_event_file_leads_to_a_look_and_a_malformed_one_to_the_dead_letter_queue(self, function, name):
        assert function.respond(name) == []
        assert bool(function.dead_letters.parked) == name.endswith("_malformed")
        assert bool(function.looked) != name.endswith("_malformed")

    def test_a_batch_leads_to_one_look_at_each_environment(self, function):
        function.respond("batch_of_two_environments")
        assert function.looked == [("shop-staging", 2), ("shop-prod", 1)]

    def test_an_error_at_one_environment_fails_its_messages_only(self, function):
        function.errors["shop-staging"] = RuntimeError("DynamoDB is away")
        failed = function.respond("batch_of_two_environments")
        records = FILES["batch_of_two_environments"]["Records"]
        theirs = [one["messageId"] for one in records if "shop-staging" in one["attributes"]["MessageGroupId"]]
        assert failed == theirs
        assert function.queue.retried == [(message, None) for message in theirs]
        assert function.looked[-1] == ("shop-prod", 1)

    def test_without_enough_time_no_look_begins_and_all_messages_are_delivered_again_at_once(self, function):
        failed = function.respond("batch_of_two_environments", milliseconds=10_000)
        assert len(failed) == len(FILES["batch_of_two_environments"]["Records"])
        assert sorted(function.queue.retried) == sorted((message, 0) for message in failed)
        assert function.looked == []

    @pytest.mark.parametrize("error", [NotNow("throttled"), Outdated("changed")])
    def test_an_error_that_the_next_tick_may_mend_fails_no_message(self, function, error):
        function.errors["shop-staging"] = error
        assert function.respond("woken_by_drop") == []


def test_the_environment_of_a_wake_up_is_read_as_it_was_sent():
    [record] = FILES["woken_by_tick_with_snapshot"]["Records"]
    read = read_wake_up(record["body"])
    assert isinstance(read.snapshot, Environment)
    assert read.snapshot.status == "Updating"
    assert read.snapshot_at is not None
    assert read.snapshot_at.utcoffset() == timedelta(0)
