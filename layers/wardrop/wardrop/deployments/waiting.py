"""What a deployment waits for, as data."""

from datetime import datetime
from enum import StrEnum

import msgspec


class WaitKind(StrEnum):
    NOT_READY = "not_ready"
    """The environment is not Ready, because of somebody else's update."""

    HELD = "held"
    PAUSED = "paused"
    FROZEN = "frozen"
    CALL_DECLINED = "call_declined"
    """Beanstalk did not accept UpdateEnvironment for now."""

    SETTINGS = "settings"
    """Our change of settings is under way."""

    LOST_ANSWER = "lost_answer"
    """An update may have been started whose answer was lost."""

    UPDATE = "update"
    """Our update is under way."""

    PROOF = "proof"
    """The update is over; events, instances or health do not prove the version good or bad yet."""

    NEWER_WARDROP = "newer_wardrop"
    """A newer Wardrop wrote a state that this one does not have."""


class WaitsFor(msgspec.Struct, frozen=True):
    """People are notified when a deployment waits for something else, never because a text was reworded."""

    kind: WaitKind
    detail: str = ""
    """The status of the environment, the person who holds or paused it, or the freeze window."""

    since: datetime | None = None
    """When the hold or the pause began."""
