"""The results of an environment's checks during one deployment, as the ledger stores them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec

from wardrop.configuration.check import Check
from wardrop.foreign_text import clean
from wardrop.structs import replace

LOOKS_THAT_FAIL = 3
"""The number of consecutive times that an HTTP check must fail before it counts against the version.

A check function can retry by itself, so a single result `failed` counts.
"""


NEVER_ANSWERED = "and did not answer before the update either, so the network may be the cause"


class Result(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """The check does not show whether the version is good. It never counts against the version."""

    NO_ANSWER = "no_answer"
    """The address did not answer.

    This result is never stored, because `CheckRecord.after` replaces it with `failed` or `unknown`.
    """


@dataclass(frozen=True)
class Answer:
    """The result of running one check once."""

    result: Result
    reason: str
    """For example `answered 503, not 200`."""

    @property
    def is_answered(self) -> bool:
        return self.result in (Result.PASSED, Result.FAILED)


class CheckRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The record of one check."""

    result: Result | None = None
    """The last result. None: the check has not run since the update."""

    reason: str = ""
    at: datetime | None = None
    failures: int = 0
    """The number of consecutive failures."""

    has_answered: bool = False
    """Whether the address has ever answered during this deployment.

    If the address has answered, the network is not the cause of a failure.
    """

    failed_before: bool = False
    """Whether the check failed on the previous version. If it did, the new version is not quarantined."""

    is_reported: bool = False
    """Whether an alert has reported that the result is unknown."""

    def __post_init__(self) -> None:
        clean(self, "reason")

    def before(self, answer: Answer) -> "CheckRecord":
        """Returns the new record after the check has run on the previous version, before the update."""
        return CheckRecord(has_answered=answer.is_answered, failed_before=answer.result is Result.FAILED)

    def after(self, answer: Answer, at: datetime) -> "CheckRecord":
        """Returns the new record after the check has run on the new version.

        A missing answer is a failure only if the address has already answered during this deployment. Otherwise, the
        network may be the cause.
        """
        result, reason = answer.result, answer.reason
        if result is Result.NO_ANSWER:
            result = Result.FAILED if self.has_answered else Result.UNKNOWN
            reason = reason if self.has_answered else f"{reason}, {NEVER_ANSWERED}"
        failures = self.failures + 1 if result is Result.FAILED else 0
        has_answered = self.has_answered or answer.is_answered
        return replace(self, result=result, reason=reason, at=at, failures=failures, has_answered=has_answered)

    def reported(self) -> "CheckRecord":
        return replace(self, is_reported=self.is_reported or self.result is Result.UNKNOWN)

    def counts_against_version(self, check: Check) -> bool:
        return self.failures >= (1 if check.function is not None else LOOKS_THAT_FAIL)


def records_of(checks: Sequence[Check], stored: Sequence[CheckRecord]) -> list[CheckRecord]:
    """Returns the stored records, or new records if none are stored. A deployment's list of checks does not change."""
    return list(stored) if len(stored) == len(checks) else [CheckRecord() for _ in checks]
