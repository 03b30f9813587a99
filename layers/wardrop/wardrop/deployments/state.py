"""The states of a deployment, and which state may follow which."""

from enum import StrEnum


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
