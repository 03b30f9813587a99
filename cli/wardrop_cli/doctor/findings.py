"""The findings of the checks."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """The severities, in increasing order."""

    OK = "ok"
    WARNING = "warning"
    """Wardrop works, but not as well as it could, or something will fail later."""

    CANNOT_TELL = "cannot_tell"
    """A fact that the check needs was not read."""

    BROKEN = "broken"
    """A part of Wardrop does not work."""


@dataclass(frozen=True)
class CannotTell:
    """The reason why a fact was not read. In a sentence, it follows `because`."""

    reason: str


@dataclass(frozen=True)
class Finding:
    check: str
    """The name of the check, such as `drop-bucket`."""

    severity: Severity
    text: str
    """The fact that the check has found, in one sentence."""

    meaning: str = ""
    """The consequence. Empty for OK."""

    remedy: str = ""
    """The command that solves the problem. Empty: there is no such command."""


def ok(check: str, text: str) -> Finding:
    return Finding(check, Severity.OK, text)


def unread(check: str, subject: str, unknown: CannotTell, remedy: str = "") -> Finding:
    """`subject` is the indirect question that the check could not answer, such as `whether the bucket exists`."""
    return Finding(check, Severity.CANNOT_TELL, f"Cannot tell {subject}, because {unknown.reason}.", remedy=remedy)


def warning(check: str, text: str, meaning: str, remedy: str = "") -> Finding:
    return Finding(check, Severity.WARNING, text, meaning, remedy)


def broken(check: str, text: str, meaning: str, remedy: str = "") -> Finding:
    return Finding(check, Severity.BROKEN, text, meaning, remedy)
