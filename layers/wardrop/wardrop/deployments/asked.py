"""Requests and approvals by users. AWS authenticates each caller."""

from datetime import datetime

import msgspec

from wardrop.foreign_text import clean


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    by: str
    """The caller's name. It contains the session name, which the caller chooses."""

    principal: str
    """The authenticated part of the identity: the ARN of the user or of the role."""

    at: datetime

    def __post_init__(self) -> None:
        clean(self, "by", "principal")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A user's request."""

    by: str
    """The caller's name. It contains the session name, which the caller chooses."""

    principal: str = ""
    """The authenticated part of the identity: the ARN of the user or of the role."""

    at: datetime
    because: str | None = None
    now: bool = False
    """Whether to start at once, despite a freeze window, a pause, a baking version or the queue.

    Required approvals still apply.
    """

    rollback: bool = False

    def __post_init__(self) -> None:
        clean(self, "by", "principal", "because")
