"""The findings of the checks before an installation."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Severity(StrEnum):
    REFUSAL = "refused"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    code: str
    """The code that identifies the finding. `make deploy ALLOW=code` overrides some refusals."""

    text: str
    next_step: str
    severity: Severity = Severity.REFUSAL
    may_be_allowed: bool = False


@dataclass(frozen=True)
class CannotTell:
    """The check has no result, because something in the account could not be read."""

    reason: str


def refusal(code: str, text: str, next_step: str) -> Finding:
    """The installation would certainly fail. ALLOW cannot override this finding."""
    return Finding(code, text, next_step)


def objection(code: str, text: str, next_step: str) -> Finding:
    """The installation would succeed, but might not work as intended. ALLOW=code overrides this finding."""
    return Finding(code, text, next_step, may_be_allowed=True)


def warning(code: str, text: str, next_step: str) -> Finding:
    return Finding(code, text, next_step, Severity.WARNING)


def unread(code: str, subject: str, unknown: CannotTell) -> Finding:
    return warning(code, f"Cannot tell {subject}, because {unknown.reason}.", "Check it yourself.")


def with_allowed(findings: Iterable[Finding], allowed: Collection[str]) -> list[Finding]:
    """Turns each refusal whose code is in `allowed` into a warning, if ALLOW can override it."""
    return [
        replace(finding, severity=Severity.WARNING) if finding.may_be_allowed and finding.code in allowed else finding
        for finding in findings
    ]


def refuses(findings: Iterable[Finding]) -> bool:
    return any(finding.severity is Severity.REFUSAL for finding in findings)


def described(finding: Finding) -> str:
    lines = [f"{finding.severity}: {finding.text}", f"  {finding.next_step}"]
    if finding.may_be_allowed and finding.severity is Severity.REFUSAL:
        lines.append(f"  To continue anyway: make deploy ALLOW={finding.code}")
    return "\n".join(lines)
