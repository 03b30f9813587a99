"""The function GuardConfiguration: each message of a batch is one request."""

import importlib
from typing import Any

import pytest

from tests.unit.fakes import FakeDeadLetters
from tests.unit.samples import event_files
from wardrop.errors import NotNow, Outdated
from wardrop.guard.request import GuardRequest

app: Any = importlib.import_module("functions.guard_configuration.app")

FILES = event_files("guard_configuration")


class Function:
    """The function, with a verb and a dead-letter queue that only record what they get."""

    def __init__(self) -> None:
        self.requests: list[GuardRequest] = []
        self.dead_letters = FakeDeadLetters()
        self.errors: dict[str, Exception] = {}

    def guard(self, request: GuardRequest, _now: object) -> str:
        self.requests.append(request)
        if request.environment in self.errors:
            raise self.errors[request.environment]
        return "the settings are recorded"

    def respond(self, name: str) -> list[str]:
        answer = app.respond(FILES[name], self.guard, self.dead_letters)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


@pytest.fixture
def function() -> Function:
    return Function()


@pytest.mark.parametrize("name", FILES)
def test_every_event_file_is_a_request_and_a_malformed_one_goes_to_the_dead_letter_queue(function, name):
    assert function.respond(name) == []
    assert bool(function.dead_letters.parked) == name.endswith("_malformed")
    assert bool(function.requests) != name.endswith("_malformed")


def test_an_error_at_one_environment_fails_its_message_only(function):
    function.errors["shop-staging"] = RuntimeError("DynamoDB is away")
    failed = function.respond("batch_of_two_environments")
    assert failed == [FILES["batch_of_two_environments"]["Records"][0]["messageId"]]
    assert [request.environment for request in function.requests] == ["shop-staging", "shop-prod"]


@pytest.mark.parametrize("error", [NotNow("throttled"), Outdated("changed")])
def test_an_error_that_the_next_tick_may_mend_fails_no_message(function, error):
    function.errors["shop-staging"] = error
    assert function.respond("asked_by_event") == []
