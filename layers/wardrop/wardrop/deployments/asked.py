"""What people have requested and approved, with the identity that AWS proves."""

from datetime import datetime

import msgspec

from wardrop.foreign_text import clean


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    by: str
    """The name of the caller. It contains the session's name, which AWS does not prove."""

    principal: str
    """The proven part of the identity: the ARN of the user or of the role."""

    at: datetime

    def __post_init__(self) -> None:
        clean(self, "by", "principal")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The request of a person."""

    by: str
    """The name of the caller. It contains the session's name, which AWS does not prove."""

    principal: str = ""
    """The proven part of the identity: the ARN of the user or of the role."""

    at: datetime
    because: str | None = None
    now: bool = False
    """Whether the request ignores freeze windows, a pause, a bake and the queue. It never ignores an approval."""

    rollback: bool = False

    def __post_init__(self) -> None:
        clean(self, "by", "principal", "because")
