"""A deployment and an environment's standing, as the ledger keeps them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from wardrop.domain.environment import Health
from wardrop.domain.release import Release


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


ACTIVE = frozenset(
    {
        State.QUEUED,
        State.AWAITING_APPROVAL,
        State.PREPARING,
        State.DEPLOYING,
        State.BAKING,
        State.ROLLING_BACK,
    }
)


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What stood when UpdateEnvironment was about to be called, so that a lost answer can be found again.

    `environment_updated_at` is Beanstalk's own clock: events are asked for since then, never since ours.
    """

    at: datetime
    environment_id: str
    environment_updated_at: datetime
    deployment_id: int
    """The highest DeploymentId that any instance reported."""

    health: Health
    version_label: str | None
    reports_instances: bool = False


class Moment(msgspec.Struct, frozen=True):
    """An entry of a deployment's history."""

    at: datetime
    state: State
    reason: str


class Deployment(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    application: str
    environment: str
    label: str
    state: State
    reason: str
    arrival: tuple[datetime, datetime, str]
    drop: str
    release: Release
    accept: list[Health]
    bad_for: int
    """Seconds."""

    history: list[Moment]
    dropped_by: str | None = None
    claim: Claim | None = None
    request_id: str | None = None
    unanswered: int = 0
    """How many calls of UpdateEnvironment had their answers lost and led to nothing of ours."""

    absent_since: datetime | None = None
    unacceptable_since: datetime | None = None
    unacceptable_looks: int = 0
    revision: int = 0
    unknown: dict[str, Any] = {}
    """Fields that a newer version of Wardrop wrote; they are kept."""

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE


class Good(msgspec.Struct, frozen=True, kw_only=True):
    """A version that proved itself in an environment: what a rollback may go back to."""

    label: str
    at: datetime
    environment_id: str
    platform: str
    release: Release


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What Wardrop knows of an environment beyond its deployments."""

    environment: str
    newest: tuple[datetime, datetime, str] | None = None
    """The arrival of the newest drop whose deployment was started."""

    good: list[Good] = []
    revision: int = 0
    unknown: dict[str, Any] = {}
