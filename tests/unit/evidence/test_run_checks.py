"""The checks of one look run at the same time, end in time, and never raise."""

import threading
from typing import Any

import pytest

from tests.unit.evidence.hostile_server import answering, serving
from tests.unit.evidence.test_check_subject import SUBJECT
from wardrop.configuration.check import AllowedFunctions, Check
from wardrop.configuration.duration import Duration
from wardrop.errors import Unavailable
from wardrop.evidence.check_record import Answer, Result
from wardrop.evidence.http_requests import HttpRequests
from wardrop.evidence.run_checks import Checks
from wardrop.structs import replace

SMOKE = AllowedFunctions(("arn:aws:lambda:us-east-1:123456789012:function:smoke",))
LIMIT = Duration(milliseconds=300)


class Functions:
    def __init__(self, *answers: bytes | Exception) -> None:
        self.asked: list[tuple[str, bytes]] = []
        self._answers = list(answers)

    def ask(self, function: str, question: bytes) -> bytes:
        self.asked.append((function, question))
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


PASSED = Answer(Result.PASSED, "answered 200")


class Together:
    """A request is answered when so many requests are in progress."""

    def __init__(self, count: int) -> None:
        self._barrier = threading.Barrier(count, timeout=10)

    def ask(self, *_: Any) -> Answer:
        self._barrier.wait()
        return PASSED


class Hanging:
    """Requests are answered only when the test has ended."""

    def __init__(self) -> None:
        self.ends = threading.Event()

    def ask(self, *_: Any) -> Answer:
        self.ends.wait(10)
        return PASSED


def run(*checks: Check, requests: Any = None, functions: Any = None, subject: Any = SUBJECT) -> list[Answer]:
    return Checks(requests or HttpRequests(), lambda: functions, SMOKE).run(checks, subject)


def test_the_answers_have_the_order_of_the_checks():
    functions = Functions(b'{"result": "failed"}')
    with serving(answering("200 OK")) as server:
        requests = HttpRequests(lambda _host, _port: [server.address])
        answers = run(Check(function="smoke"), Check(http="/"), requests=requests, functions=functions)
    assert [answer.result for answer in answers] == [Result.FAILED, Result.PASSED]
    assert functions.asked[0][0] == "smoke"


def test_all_checks_run_at_the_same_time():
    assert run(*[Check(http="/")] * 10, requests=Together(10)) == [PASSED] * 10


def test_a_check_that_hangs_is_given_up():
    """The resolution of a name has no time limit."""
    hanging = Hanging()
    [answer] = run(Check(http="/", within=LIMIT), requests=hanging)
    hanging.ends.set()
    assert answer == Answer(Result.NO_ANSWER, f"did not answer within {LIMIT.text}")


@pytest.mark.parametrize("error", [Unavailable("failed with a stack trace"), RuntimeError("a bug")])
def test_an_error_is_unknown_and_does_not_hinder_the_others(error):
    functions = Functions(error, b'{"result": "passed"}')
    answers = run(Check(function="smoke"), Check(function="smoke"), functions=functions)
    assert sorted(answer.result for answer in answers) == [Result.PASSED, Result.UNKNOWN]


def test_a_function_that_the_stack_does_not_allow_is_not_invoked():
    functions = Functions()
    [answer] = run(Check(function="other"), functions=functions)
    assert answer == Answer(Result.UNKNOWN, "cannot be used: the stack's parameter CheckFunctions does not allow other")
    assert functions.asked == []


def test_an_environment_without_a_cname_gets_no_request():
    [answer] = run(Check(http="/"), subject=replace(SUBJECT, url=None))
    assert answer.result is Result.UNKNOWN
    assert answer.reason == "cannot be sent, because shop-prod has no CNAME from Elastic Beanstalk"
