"""The newest update of an environment that somebody else started, as the ledger stores it."""

from datetime import datetime
from enum import StrEnum

import msgspec

from wardrop.guard.effect import Effect


class AbortState(StrEnum):
    REQUESTED = "requested"
    """The mailbox of the environment has to decide."""

    CLAIMED = "claimed"
    """AbortEnvironmentUpdate is about to be called, or was called, and its answer is not recorded yet."""

    ABORTED = "aborted"
    LEFT = "left"
    """The update was not aborted."""

    @property
    def is_open(self) -> bool:
        return self in (AbortState.REQUESTED, AbortState.CLAIMED)


class GuardedUpdate(msgspec.Struct, frozen=True, kw_only=True):
    environment: str
    environment_id: str
    application: str
    request_id: str
    """The RequestId of the update's events."""

    started_at: datetime
    effect: Effect
    """The effect that was reported."""

    sentence: str
    """The effect in words."""

    abort: AbortState | None = None
    """None: it is not to be aborted."""

    claimed_at: datetime | None = None
    """When AbortEnvironmentUpdate was about to be called."""

    revision: int = 0

    def is_of(self, environment_id: str, request_id: str) -> bool:
        return (self.environment_id, self.request_id) == (environment_id, request_id)
