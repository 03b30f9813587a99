"""A deployment and an environment's standing, as the ledger keeps them."""

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import zip_longest
from typing import Any

import msgspec

from wardrop.configuration.rules import Rules
from wardrop.environments.model import Health, Progress
from wardrop.environments.policy import Preflight
from wardrop.environments.version import Release

KEPT_MOMENTS = 200


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


UPDATING = frozenset({State.PREPARING, State.DEPLOYING, State.ROLLING_BACK})
SKEW = timedelta(seconds=30)
"""By as much Beanstalk's clock and ours may differ, with what it takes to see that an update is over."""

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
"""What may become of each state; the diagram in docs/architecture.md shows the same."""


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
    at: datetime
    state: State
    reason: str


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A person's wish, as AWS proved who it was."""

    by: str
    at: datetime
    because: str | None = None
    now: bool = False
    """Passes freeze, pause, bake and queue; never approval."""

    rollback: bool = False


class Good(msgspec.Struct, frozen=True, kw_only=True):
    """A version that proved itself in an environment: what a rollback may go back to."""

    label: str
    at: datetime
    environment_id: str
    platform: str
    release: Release | None = None
    """None: somebody else made the version, so Wardrop knows nothing of its bundle."""


class Deployment(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    application: str
    environment: str
    label: str
    state: State
    reason: str
    arrival: tuple[datetime, datetime, str]
    history: list[Moment]
    release: Release | None = None
    rules: Rules = Rules()
    drop: str | None = None
    """None if a person asked for a version that was there."""

    dropped_by: str | None = None
    asked: Asked | None = None
    approved_by: str | None = None
    promotes: bool = False
    """Whether success queues the next stage."""

    stage: list[str] = []
    """The environments that the drop went to side by side: all must be good before the next stage."""

    replaces: list[str] = []
    """Options in the bundle's `.ebextensions` that make Beanstalk replace instances, as namespace:option=value."""

    preflight: Preflight | None = None
    claim: Claim | None = None
    """Of the update that is going on: settings in `preparing`, the good version in `rolling_back`."""

    request_id: str | None = None
    unanswered: int = 0
    """How many calls of UpdateEnvironment had their answers lost and led to nothing of ours."""

    absent_since: datetime | None = None
    unacceptable_since: datetime | None = None
    unacceptable_looks: int = 0
    good_since: datetime | None = None
    target: Good | None = None
    """What it is rolled back to."""

    condemned_as_of: datetime | None = None
    """The environment's DateUpdated when it was found to be bad."""

    condemned_deployment: int = 0
    """The highest DeploymentId that any instance reported then."""

    reminded: bool = False
    progress: Progress | None = None
    """Of the update that is going on, as it was told last."""

    revision: int = 0
    unknown: dict[str, Any] = {}
    """The item as it was read, if a newer version of Wardrop wrote fields that this one does not have."""

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    @property
    def is_waiting(self) -> bool:
        """Nothing of it has begun."""
        return self.state in (State.QUEUED, State.AWAITING_APPROVAL)

    @property
    def turn(self) -> tuple[datetime, datetime, str]:
        """By when it was asked for, or the drop arrived: of two that wait the later one wins."""
        return (self.asked.at, self.asked.at, "") if self.asked else self.arrival

    @property
    def is_untouched(self) -> bool:
        """No instance has seen the version: at most settings were changed for it."""
        return self.is_waiting or self.state is State.PREPARING

    @property
    def goes_back(self) -> bool:
        """Whether a person asked for it as a rollback."""
        return self.asked is not None and self.asked.rollback

    @property
    def needs_approval(self) -> bool:
        return self.rules.approval and self.approved_by is None

    @property
    def wanted(self) -> str:
        """The label that the environment is to have."""
        return self.target.label if self.target else self.label

    @property
    def bundle(self) -> Release | None:
        return self.target.release if self.target else self.release

    def updated_at(self, at: datetime) -> bool:
        """Whether an update of its own was going on then, by Beanstalk's clock."""
        ends = [moment.at for moment in self.history[1:]]
        return any(
            moment.state in UPDATING and moment.at - SKEW <= at and (end is None or at <= end + SKEW)
            for moment, end in zip_longest(self.history, ends)
        )

    def moved(self, state: State, reason: str, now: datetime, **changes: Any) -> "Deployment":
        """In another state, or there for another reason; its history tells. Raises ValueError for no move of MOVES."""
        if state is not self.state and state not in MOVES.get(self.state, ()):
            raise ValueError(f"{self.id} cannot go from {self.state} to {state}")
        history = [*self.history, Moment(now, state, reason)][-KEPT_MOMENTS:]
        return msgspec.structs.replace(self, state=state, reason=reason, history=history, **changes)

    @property
    def presses(self) -> bool:
        """A person wants it now: a rollback, or `deploy --now`."""
        return self.goes_back or (self.asked is not None and self.asked.now)


def deployment_id(now: datetime, cause: str, environment: str) -> str:
    """Sorts by time; the same cause leads to the same one."""
    return f"{now:%Y%m%dT%H%M%S%f}-{hashlib.sha256(f'{cause} {environment}'.encode()).hexdigest()[:8]}"


def promoted(good: Deployment, rules: Rules, stage: list[str], environment: str, now: datetime) -> Deployment:
    """The deployment of a version that was good in one stage to an environment of the next."""
    reason = f"{good.label} is good in {' and '.join(good.stage)}, and is promoted"
    return Deployment(
        id=deployment_id(now, good.id, environment),
        application=good.application,
        environment=environment,
        label=good.label,
        state=State.QUEUED,
        reason=reason,
        arrival=good.arrival,
        drop=good.drop,
        dropped_by=good.dropped_by,
        release=good.release,
        rules=rules,
        promotes=True,
        stage=stage,
        replaces=good.replaces,
        history=[Moment(now, State.QUEUED, reason)],
    )


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """Later drops wait until a person resumes or deploys."""

    by: str
    at: datetime
    because: str
    label: str | None = None
    """The version that was put back; clean-up keeps it."""


class Quarantined(msgspec.Struct, frozen=True, kw_only=True):
    """A version that an instance ran here, and failed; only a person by name brings it back."""

    label: str
    at: datetime
    because: str


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What Wardrop knows of an environment beyond its deployments."""

    environment: str
    newest: tuple[datetime, datetime, str] | None = None
    """The arrival of the newest drop whose deployment was started."""

    good: list[Good] = []
    """The newest first, each label once."""

    quarantined: list[Quarantined] = []
    hold: Hold | None = None
    paused: Hold | None = None
    revision: int = 0
    unknown: dict[str, Any] = {}

    def condemns(self, label: str) -> Quarantined | None:
        return next((one for one in self.quarantined if one.label == label), None)
