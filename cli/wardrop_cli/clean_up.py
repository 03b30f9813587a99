"""The plan of a clean-up, as the stack returns it."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Decision:
    application: str
    label: str
    action: str
    reason: str
    created_at: datetime | None = None


@dataclass(frozen=True)
class CleanUp:
    quota: int
    versions: int
    versions_to_delete: int
    bundles_to_delete: int
    bytes_to_free: int
    decisions: list[Decision] = field(default_factory=list)
