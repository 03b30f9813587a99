"""The differences between two environments, as the stack returns them. docs/commands.md describes every field."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Side:
    environment: str
    application: str
    platform: str
    status: str
    health: str
    version_label: str | None = None


@dataclass(frozen=True)
class Difference:
    option: str
    first: str | None = None
    second: str | None = None
    hidden: bool = False
    certain: bool = True


@dataclass(frozen=True)
class Comparison:
    sides: list[Side]
    differences: list[Difference] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
