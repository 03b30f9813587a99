"""A deployment of a version to an environment, as the ledger stores it."""

from datetime import datetime
from typing import Any

import msgspec

from wardrop.configuration.rules import Rules
from wardrop.deployments.asked import Approval, Asked
from wardrop.deployments.history import CLOCK_SKEW, Moment, newest, was_updating_at
from wardrop.deployments.replacement import ReplacementRecord
from wardrop.deployments.state import ACTIVE, MOVES, UPDATING, WAITING, State, WaitsFor
from wardrop.deployments.update import AutomaticRollback, Timers, Update
from wardrop.environments.model import Environment, Progress
from wardrop.environments.origin import Origin
from wardrop.environments.settings import DeploymentSettings
from wardrop.environments.version import Release
from wardrop.evidence.alarms import WatchedAlarms
from wardrop.evidence.check_record import CheckRecord
from wardrop.evidence.explanation import Explanation
from wardrop.foreign_text import clean
from wardrop.guard.ownership import Ownership
from wardrop.structs import replace

MOST_JOINED = 20


class Joined(msgspec.Struct, frozen=True, kw_only=True):
    """A later drop of the same content, which joined the deployment."""

    drop: str
    at: datetime
    dropped_by: str | None = None

    def __post_init__(self) -> None:
        clean(self, "dropped_by")


class Deployment(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    application: str
    environment: str
    label: str

    arrival: tuple[datetime, datetime, str]
    """The values by which drops are ordered. The first is the time of the upload or of the version's creation."""

    release: Release | None = None
    drop: str | None = None
    """The id of the drop. None: a user requested the deployment of an existing version."""

    dropped_by: str | None = None
    origin: Origin | None = None
    joined: list[Joined] = []
    """The newest last."""

    asked: Asked | None = None
    rules: Rules = Rules()
    promotes: bool = False
    """Whether the success of this deployment queues deployments to the next stage."""

    stage: list[str] = []
    """The environments of the deployment's stage. The version is promoted when it is good in all of them."""

    state: State
    reason: str
    history: list[Moment]
    approval: Approval | None = None
    replacement: ReplacementRecord = ReplacementRecord()
    settings: DeploymentSettings | None = None
    """The deployment settings of the environment at the start of the last update."""

    update: Update | None = None
    """The last update. In `preparing`, it changes settings. In `rolling_back`, it deploys a good version again."""

    request_ids: list[str] = []
    """The RequestIds of all updates of this deployment."""

    lost_answers: int = 0
    """The number of calls to UpdateEnvironment that had no effect, as far as Wardrop can tell."""

    timers: Timers = Timers()
    alarms: WatchedAlarms | None = None
    """The alarms that count against the version. None: no alarm is configured, or the version is not deployed yet."""

    checks: list[CheckRecord] = []
    """The records of the checks, in the order of the rules. The list is empty until the first check runs."""

    explanation: Explanation | None = None
    """The explanation from the deployment log. None: the log has not been read."""

    rollback: AutomaticRollback | None = None
    waits_for: WaitsFor | None = None
    """The cause of the wait, as Wardrop last reported it."""

    reminded: bool = False
    revision: int = 0
    unknown: dict[str, Any] = {}
    """The complete item, if a newer version of Wardrop added fields that this version does not know."""

    def __post_init__(self) -> None:
        clean(self, "reason", "dropped_by")

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    @property
    def is_waiting(self) -> bool:
        """Whether the deployment has not begun."""
        return self.state in WAITING

    @property
    def is_untouched(self) -> bool:
        """Whether no instance has received the version. A separate update of the settings may have started."""
        return self.is_waiting or self.state is State.PREPARING

    @property
    def recency(self) -> tuple[datetime, datetime, str]:
        """The time of the request or of the upload. If two deployments wait, the more recent one is deployed."""
        return (self.asked.at, self.asked.at, "") if self.asked else self.arrival

    @property
    def is_requested_rollback(self) -> bool:
        return self.asked is not None and self.asked.rollback

    @property
    def is_urgent(self) -> bool:
        """Whether a user requested a rollback, or a deployment with `now`."""
        return self.asked is not None and (self.asked.rollback or self.asked.now)

    @property
    def needs_approval(self) -> bool:
        return self.rules.approval_required and self.approval is None

    @property
    def awaits_approval(self) -> bool:
        """Whether the deployment lacks an approval that the rules or the guard require."""
        return self.needs_approval or self.replacement.is_undecided

    @property
    def target_label(self) -> str:
        """The version that the current update deploys: the deployment's version, or the target of its rollback."""
        return self.rollback.target.label if self.rollback else self.label

    @property
    def target_release(self) -> Release | None:
        return self.rollback.target.release if self.rollback else self.release

    @property
    def watched_alarms(self) -> WatchedAlarms:
        """The alarms to watch. Before an update, Wardrop replaces each pattern with the names that match it."""
        return self.alarms or WatchedAlarms(entries=self.rules.alarms)

    @property
    def failure(self) -> State:
        """The state in which the deployment ends if its target version cannot be deployed."""
        return State.ROLLBACK_FAILED if self.rollback else State.FAILED

    def was_updating_at(self, at: datetime) -> bool:
        """Whether an update of this deployment was in progress at `at`, a time from Beanstalk's clock."""
        return was_updating_at(self.history, at)

    def is_updating(self, environment: Environment) -> bool:
        """Whether an update is in progress that began at about the time of this deployment's claim."""
        if environment.is_ready or self.state not in UPDATING or self.update is None or self.update.request_id is None:
            return False
        return abs(environment.updated_at - self.update.claimed_at) <= CLOCK_SKEW

    def ownership(self, request_id: str, started_at: datetime) -> Ownership:
        """Decides whether this deployment started the operation that has this RequestId and start time."""
        if request_id in self.request_ids:
            return Ownership.OURS
        is_claimed = self.update is not None and self.update.request_id is None
        if is_claimed and self.is_active:
            return Ownership.UNANSWERED
        return Ownership.OVERLAPPING if self.was_updating_at(started_at) else Ownership.FOREIGN

    def moved(self, state: State, reason: str, at: datetime) -> "Deployment":
        """Returns a copy with the state and the reason. Raises ValueError if MOVES does not allow the change."""
        if state is not self.state and state not in MOVES.get(self.state, ()):
            raise ValueError(f"{self.id} cannot go from {self.state} to {state}")
        return replace(self, state=state, reason=reason, history=newest([*self.history, Moment(at, state, reason)]))

    def waiting(self, waits_for: WaitsFor | None, reason: str, at: datetime) -> "Deployment":
        """Returns a copy that is queued and has no claim. `waits_for` is the cause of the wait, if there is one."""
        return replace(self.moved(State.QUEUED, reason, at), waits_for=waits_for, update=None)

    def held(self, waits_for: WaitsFor, reason: str, at: datetime) -> "Deployment":
        """Returns a copy that waits for the configuration. The copy keeps its state, because its update has begun."""
        return replace(self.moved(self.state, reason, at), waits_for=waits_for)

    def awaiting_approval(self, replacement_id: str | None, reason: str, at: datetime) -> "Deployment":
        """Returns a copy that waits for approval. If `replacement_id` is None, the rules require the approval."""
        record = replace(self.replacement, asked=replacement_id) if replacement_id else self.replacement
        moved = self.moved(State.AWAITING_APPROVAL, reason, at)
        return replace(moved, replacement=record, waits_for=None, update=None)

    def approved(self, approval: Approval, reason: str) -> "Deployment":
        """Returns a copy that is approved and queued.

        The rules may require an approval of the deployment, and the guard may require an approval of a replacement of
        instances. The first approval does not cover a replacement, because Wardrop plans the replacement only later.
        """
        record = self.replacement
        if not self.needs_approval:
            record = replace(record, approved=record.asked)
        return replace(self.moved(State.QUEUED, reason, approval.at), approval=approval, replacement=record)

    def announcing(self, replacement_id: str) -> "Deployment":
        return replace(self, replacement=replace(self.replacement, announced=replacement_id))

    def claiming(self, update: Update, settings: DeploymentSettings | None) -> "Deployment":
        """Returns a copy that claims an update. If `settings` is None, the recorded settings do not change."""
        kept = settings.without_options() if settings else self.settings
        return replace(self, update=update, settings=kept, timers=Timers(), waits_for=None)

    @property
    def drops(self) -> set[str]:
        """The ids of the drop that started the deployment, and of the drops that joined it."""
        return {drop for drop in (self.drop, *(joined.drop for joined in self.joined)) if drop}

    def joined_by(self, joined: Joined, arrival: tuple[datetime, datetime, str]) -> "Deployment":
        """Returns a copy that a drop has joined. It has the later arrival, so that no older drop replaces it."""
        return replace(self, joined=[*self.joined, joined][-MOST_JOINED:], arrival=max(self.arrival, arrival))

    def answered(self, request_id: str) -> "Deployment":
        if self.update is None:
            raise ValueError(f"{self.id} has no claimed update")
        request_ids = [*self.request_ids, request_id]
        return replace(self, update=replace(self.update, request_id=request_id), request_ids=request_ids)

    def with_lost_answer(self) -> "Deployment":
        return replace(self, lost_answers=self.lost_answers + 1)

    def unclaimed(self, revision: int | None = None) -> "Deployment":
        """Returns a copy without the claim. `revision` is the claim's revision, or None if no claim was written."""
        return replace(self, update=None, revision=self.revision if revision is None else revision)

    def progressed(self, progress: Progress | None) -> "Deployment":
        return replace(self, update=replace(self.update, progress=progress) if self.update else None)

    def timed(self, timers: Timers, reason: str) -> "Deployment":
        """Returns a copy with new timers and a new reason. The reason is not added to the history."""
        return replace(self, timers=timers, reason=reason)

    def watching(self, alarms: WatchedAlarms) -> "Deployment":
        return replace(self, alarms=alarms)

    def baking(self, reason: str, at: datetime, good_since: datetime | None) -> "Deployment":
        moved = self.moved(State.BAKING, reason, at).progressed(None)
        return replace(moved, timers=Timers(good_since=good_since))

    def rolling_back(self, rollback: AutomaticRollback, reason: str, at: datetime) -> "Deployment":
        moved = self.moved(State.ROLLING_BACK, reason, at)
        return replace(moved, rollback=rollback, update=None, lost_answers=0, timers=Timers(), reminded=False)
