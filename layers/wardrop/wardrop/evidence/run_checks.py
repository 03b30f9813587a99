"""Runs the checks of an environment at the same time, within the time limit of the slowest check."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Thread

from wardrop.aws.check_functions import CheckFunctions
from wardrop.configuration.check import AllowedFunctions, Check
from wardrop.errors import Unavailable
from wardrop.evidence.check_record import Answer, Result
from wardrop.evidence.check_subject import CheckSubject, answer_of, question, unknown
from wardrop.evidence.http_requests import HttpRequests

GRACE_SECONDS = 0.5
"""The time for which Wardrop waits for a check after the check's time limit.

Resolving a host name has no time limit of its own, so it may take longer than the check's time limit.
"""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Checks:
    requests: HttpRequests
    functions: Callable[[], CheckFunctions]
    """Creates the adapter when a check first needs it, because few environments have checks by Lambda functions."""

    allowed: AllowedFunctions

    def run(self, checks: Sequence[Check], subject: CheckSubject) -> list[Answer]:
        """Runs the checks, and returns their answers in the same order. An error becomes an answer."""
        tasks = [self._task(check, subject) for check in checks]
        answers = [Answer(Result.NO_ANSWER, f"did not answer within {check.time_limit.text}") for check in checks]

        def answer(number: int) -> None:
            try:
                answers[number] = tasks[number]()
            except Exception as error:  # the result is unknown, and the log records the cause
                _logger.exception("the check %s could not be run", checks[number].title)
                answers[number] = unknown(f"could not be run ({type(error).__name__})")

        threads = [Thread(target=answer, args=(number,), daemon=True) for number in range(len(checks))]
        deadline = time.monotonic() + GRACE_SECONDS + max(check.time_limit.total_seconds() for check in checks)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return list(answers)

    def _task(self, check: Check, subject: CheckSubject) -> Callable[[], Answer]:
        function, cname = check.function, subject.cname
        if function is None:
            if cname is None:
                reason = f"cannot be sent, because {subject.environment} has no CNAME from Elastic Beanstalk"
                return lambda: unknown(reason)
            return lambda: self.requests.ask(check, cname)
        if refusal := self.allowed.refusal(function):
            return lambda: unknown(f"cannot be used: {refusal}")
        # The clients are created here, because several threads must not create clients at the same time.
        functions = self.functions()
        return lambda: _ask(functions, function, question(subject))


def _ask(functions: CheckFunctions, function: str, asked: bytes) -> Answer:
    try:
        return answer_of(functions.ask(function, asked))
    except Unavailable as error:
        return unknown(error.reason)
