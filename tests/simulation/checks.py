"""A model of the checks of environments. Some versions fail them, and sometimes nobody answers."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.simulation.chance import Chance
from tests.simulation.world import ModelBeanstalk
from wardrop.configuration.check import Check, ConfiguredCheck
from wardrop.evidence.check_record import LOOKS_THAT_FAIL, Answer, Result
from wardrop.evidence.check_subject import CheckSubject

REQUEST, FUNCTION = ConfiguredCheck(http="/health"), ConfiguredCheck(function="smoke-test")


@dataclass(frozen=True)
class Asked:
    environment: str
    label: str
    check: str
    result: Result


class ModelChecks:
    """Replaces `Checks`."""

    def __init__(self, beanstalk: ModelBeanstalk, chance: Chance) -> None:
        self._beanstalk, self._chance = beanstalk, chance
        self._network: dict[str, Result | None] = {}
        """By environment, the result of every request and of every function, for all versions. None: they work."""

        self._asked: list[Asked] = []

    def restore(self) -> None:
        self._network.clear()

    def change(self, environment: str) -> str:
        result = self._chance.dice.choice([None, None, None, Result.UNKNOWN, Result.NO_ANSWER])
        self._network[environment] = result
        return f"checks of {environment} have the result {result or 'of the version'}"

    def run(self, checks: Sequence[Check], subject: CheckSubject) -> list[Answer]:
        answers = [self._answer(check, subject.environment) for check in checks]
        for check, answer in zip(checks, answers, strict=True):
            self._asked.append(Asked(subject.environment, subject.version_label, check.title, answer.result))
        return answers

    def _answer(self, check: Check, environment: str) -> Answer:
        if network := self._network.get(environment):
            is_function = check.function is not None
            return Answer(Result.UNKNOWN if is_function else network, "cannot be asked")
        content = self._beanstalk.contents.get(self._beanstalk.models[environment].label)
        fails = (content is not None and content.fails_checks) or self._chance.strikes(0.3)
        return Answer(Result.FAILED if fails else Result.PASSED, "answered")

    # For the invariants, which compare the verdicts with the actual answers

    def has_passed(self, environment: str, label: str, check: Check) -> bool:
        return Asked(environment, label, check.title, Result.PASSED) in self._asked

    def may_condemn(self, environment: str, label: str) -> bool:
        """Whether a function said that the version failed, or an address that answered failed three times."""
        own = [asked for asked in self._asked if (asked.environment, asked.label) == (environment, label)]
        of_function = [asked.result for asked in own if asked.check == FUNCTION.title]
        of_request = [asked.result for asked in own if asked.check == REQUEST.title]
        failures = [result for result in of_request if result in (Result.FAILED, Result.NO_ANSWER)]
        has_answered = any(result in (Result.PASSED, Result.FAILED) for result in of_request)
        return Result.FAILED in of_function or (len(failures) >= LOOKS_THAT_FAIL and has_answered)
