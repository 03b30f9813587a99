"""The guard's answer to a plan, as the stack sends it. docs/guard.md describes every field."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Change:
    subject: str
    effect: str
    sentence: str
    before: str | None = None
    after: str | None = None
    reason: str = ""
    file: str = ""


@dataclass(frozen=True)
class Message:
    message: str
    subject: str = ""
    is_error: bool = True


@dataclass(frozen=True)
class Effects:
    environment: str
    outcome: str
    exit_code: int
    effect: str
    sentence: str
    changes: list[Change] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
