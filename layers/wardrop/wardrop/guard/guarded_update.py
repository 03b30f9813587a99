"""The ledger's record of the newest update of an environment that was started outside Wardrop."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from wardrop.foreign_text import clean
from wardrop.guard.effect import Effect


class AbortState(StrEnum):
    REQUESTED = "requested"
    """AdvanceDeployment has to decide whether to abort the update."""

    CLAIMED = "claimed"
    """AbortEnvironmentUpdate is being called, and its response is not recorded yet."""

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
    """The reported effect."""

    sentence: str
    """The effect in words."""

    abort: AbortState | None = None
    """The state of the abort. None: the update will not be aborted."""

    claimed_at: datetime | None = None
    """The time of the claim, immediately before the call to AbortEnvironmentUpdate."""

    revision: int = 0
    unknown: dict[str, Any] = {}
    """The attributes that a newer version of Wardrop wrote, so that the next write keeps them."""

    def __post_init__(self) -> None:
        clean(self, "sentence")

    def is_of(self, environment_id: str, request_id: str) -> bool:
        return (self.environment_id, self.request_id) == (environment_id, request_id)
