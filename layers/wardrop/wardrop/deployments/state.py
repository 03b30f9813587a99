"""The states of a deployment, which state may follow which, and what a deployment waits for."""

from datetime import datetime
from enum import StrEnum

import msgspec


class State(StrEnum):
    QUEUED = "queued"
    AWAITING_APPROVAL = "awaiting_approval"
    PREPARING = "preparing"
    DEPLOYING = "deploying"
    BAKING = "baking"
    ROLLING_BACK = "rolling_back"
    SUCCEEDED = "succeeded"
    SUPERSEDED = "superseded"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    FAILED = "failed"
    ROLLED_BACK = "rolled_back"
    ROLLBACK_FAILED = "rollback_failed"


WAITING = frozenset({State.QUEUED, State.AWAITING_APPROVAL})
UPDATING = frozenset({State.PREPARING, State.DEPLOYING, State.ROLLING_BACK})
ACTIVE = WAITING | UPDATING | {State.BAKING}

MOVES: dict[State, frozenset[State]] = {
    State.QUEUED: frozenset(
        {
            State.AWAITING_APPROVAL,
            State.PREPARING,
            State.DEPLOYING,
            State.SUPERSEDED,
            State.CANCELLED,
            State.DECLINED,
            State.FAILED,
        }
    ),
    State.AWAITING_APPROVAL: frozenset({State.QUEUED, State.SUPERSEDED, State.DECLINED, State.CANCELLED, State.FAILED}),
    State.PREPARING: frozenset({State.QUEUED, State.DEPLOYING, State.CANCELLED, State.FAILED}),
    State.DEPLOYING: frozenset(
        {
            State.QUEUED,
            State.BAKING,
            State.SUCCEEDED,
            State.ROLLING_BACK,
            State.ROLLED_BACK,
            State.FAILED,
            State.SUPERSEDED,
        }
    ),
    State.BAKING: frozenset({State.SUCCEEDED, State.ROLLING_BACK, State.ROLLED_BACK, State.FAILED, State.SUPERSEDED}),
    State.ROLLING_BACK: frozenset({State.ROLLED_BACK, State.ROLLBACK_FAILED, State.SUPERSEDED}),
}
"""The states that may follow each state; the diagram in docs/architecture.md shows the same."""


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
