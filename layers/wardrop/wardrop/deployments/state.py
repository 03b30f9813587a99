"""The states of a deployment, the allowed changes of state, and the causes of a wait."""

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
    State.PREPARING: frozenset({State.QUEUED, State.AWAITING_APPROVAL, State.DEPLOYING, State.CANCELLED, State.FAILED}),
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
"""The states that may follow each state. The diagram in docs/architecture.md shows the same changes."""


class WaitKind(StrEnum):
    NOT_READY = "not_ready"
    """The environment is not Ready, for example because of an update that was started outside Wardrop."""

    HEALTH = "health"
    """An update has just ended, and health does not show yet whether the running version is good."""

    HELD = "held"
    PAUSED = "paused"
    FROZEN = "frozen"
    CALL_DECLINED = "call_declined"
    """Beanstalk temporarily refused the call to UpdateEnvironment."""

    SETTINGS = "settings"
    """Wardrop's change of settings is in progress."""

    LOST_ANSWER = "lost_answer"
    """UpdateEnvironment returned no response, but may have started an update."""

    UPDATE = "update"
    """Wardrop's update is in progress."""

    PROOF = "proof"
    """The update has ended, but the evidence does not show yet whether the version is good or bad."""

    CONFIGURATION = "configuration"
    """The configuration of the application cannot be read, and there is no last good configuration document."""

    NEWER_WARDROP = "newer_wardrop"
    """A newer version of Wardrop wrote a state that this version does not know."""


class WaitsFor(msgspec.Struct, frozen=True):
    """The cause of a wait. An alert is sent if the cause changes, but not if only the wording of the reason changes."""

    kind: WaitKind
    detail: str = ""
    """The detail that identifies the cause.

    The detail is the environment's status, the user who held or paused the environment, the freeze window, or the
    kind of fault in the configuration.
    """

    since: datetime | None = None
    """The start of the hold or the pause."""
