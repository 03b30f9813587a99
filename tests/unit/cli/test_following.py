"""A drop is followed to its end, even if the network fails for a while."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.unit.cli.samples import deployment, followed
from wardrop_cli.answers import Followed
from wardrop_cli.decode import decode
from wardrop_cli.exit_codes import ExitCode
from wardrop_cli.failures import Failure, Refused, Unreachable
from wardrop_cli.following import Clock, Following
from wardrop_cli.outcomes import exit_code_of


class Time:
    def __init__(self) -> None:
        self.passed = 0.0

    def pause(self, seconds: float) -> None:
        self.passed += seconds


class Recorded:
    def __init__(self) -> None:
        self.states: list[str] = []
        self.notes: list[str] = []

    def show(self, deployments: list[Followed]) -> None:
        self.states.append(" ".join(each.deployment.state for each in deployments))

    def note(self, text: str) -> None:
        self.notes.append(text)


def ending(state: str) -> dict[str, Any]:
    return followed(deployment=deployment(state=state))


class Stack:
    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.requests: list[Mapping[str, Any]] = []

    def ask(self, **request: Any) -> Mapping[str, Any]:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return dict(answer)


def following(stack: Stack, timeout: float = 600) -> tuple[Following, Recorded, Time]:
    view, time = Recorded(), Time()
    return Following(stack.ask, view, timeout, Clock(lambda: time.passed, time.pause)), view, time


def test_a_drop_is_waited_for_until_it_is_processed() -> None:
    waiting = {"answer": "drop", "status": None}
    stack = Stack(waiting, waiting, {"answer": "drop", "status": "accepted", "deployments": {"d-1": "shop-staging"}})
    outcome = following(stack)[0].outcome("s3://drops/x#1")
    assert outcome
    assert outcome["deployments"] == {"d-1": "shop-staging"}
    assert following(Stack(waiting), timeout=20)[0].outcome("s3://drops/x#1") is None


def test_a_deployment_is_followed_to_its_end_and_only_new_events_are_requested() -> None:
    stack = Stack(followed(), followed(), ending("succeeded"))
    follow, view, _ = following(stack)
    [document] = follow.to_the_end({"d-1": "shop-staging"})
    assert view.states == ["deploying", "deploying", "succeeded"]
    assert [request["since"] for request in stack.requests] == [None, *["2026-01-02T11:56:00+00:00"] * 2]
    assert exit_code_of([decode(Followed, document)]) is ExitCode.SUCCESS


@pytest.mark.parametrize("fault", [Unreachable("AWS cannot be reached"), Refused({"code": "try_again", "reason": "x"})])
def test_a_lost_network_is_reported_once_and_the_command_goes_on(fault: Failure) -> None:
    follow, view, _ = following(Stack(followed(), fault, fault, fault, ending("failed")))
    [document] = follow.to_the_end({"d-1": "shop-staging"})
    assert view.notes == [f"{fault.text}; still trying", "the stack answers again"]
    assert exit_code_of([decode(Followed, document)]) is ExitCode.FAILED


def test_an_expired_token_ends_the_command() -> None:
    expired = Failure(ExitCode.NOT_REACHED, "the AWS credentials have expired")
    with pytest.raises(Failure, match="expired"):
        following(Stack(followed(), expired))[0].to_the_end({"d-1": "shop-staging"})


def test_when_the_time_is_over_the_deployment_has_not_finished() -> None:
    follow, _, time = following(Stack(followed()), timeout=60)
    [document] = follow.to_the_end({"d-1": "shop-staging"})
    assert exit_code_of([decode(Followed, document)]) is ExitCode.NOT_FINISHED
    assert time.passed == 60
    follow, _, time = following(Stack(Unreachable("lost")), timeout=60)
    assert (follow.to_the_end({"d-1": "shop-staging"}), time.passed) == ([], 60)


@pytest.mark.parametrize(
    ("states", "code"),
    [
        (["succeeded"], 0),
        (["failed", "rolled_back"], 3),
        (["rollback_failed"], 3),
        (["rolled_back", "succeeded"], 4),
        (["superseded"], 6),
        (["cancelled"], 6),
        (["declined"], 6),
        (["awaiting_approval"], 7),
        (["a_state_of_a_newer_stack"], 7),
        ([], 0),
    ],
)
def test_the_exit_code_is_that_of_the_worst_deployment(states: list[str], code: int) -> None:
    assert exit_code_of([decode(Followed, ending(state)) for state in states]) == code


def test_looks_are_more_frequent_at_first() -> None:
    stack = Stack(followed())
    follow, _, time = following(stack, timeout=45)
    follow.to_the_end({"d-1": "shop-staging"})
    assert (time.passed, len(stack.requests)) == (45, 1 + 15 + 10)
