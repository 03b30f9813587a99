"""The data that the guard reads about an environment for one request, and the decisions that need only this data."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from wardrop.environments.model import Environment
from wardrop.environments.operation import Operation, OperationKind
from wardrop.environments.settings import READ_AGAIN_AFTER, DeploymentSettings, SettingsAndDraft, read_settings
from wardrop.guard.drift import GoodSettings, were_in_force
from wardrop.guard.effect import Effect
from wardrop.guard.guarded_update import GuardedUpdate
from wardrop.guard.judge import Judgement, judge_past, judge_pending, judge_without_draft
from wardrop.guard.proposal import CurrentSettings, recorded_in_force
from wardrop.guard.request import GuardRequest
from wardrop.structs import replace

EVENTS_WINDOW = timedelta(days=1)
"""The greatest age of the events that are read. Events before the last recorded update are not read."""

MARGIN = timedelta(minutes=1)
"""The time before DateUpdated for which events are also read. An operation's first event may precede DateUpdated."""

PATIENCE = timedelta(seconds=20)
"""The time after which an update is judged even if Beanstalk shows neither a draft of settings nor a new version.

Example: an update starts at 12:00:00. At 12:00:15 there is no draft, so the guard waits for the next request. From
12:00:20 on, the update is reported without a draft.
"""


@dataclass(frozen=True)
class Look:
    request: GuardRequest
    environment: Environment
    recorded: DeploymentSettings | None
    """The recorded settings. None: the settings of this environment were not recorded yet."""

    guarded: GuardedUpdate | None
    """The last reported update of the environment. None: no update was reported."""

    good: tuple[str, datetime] | None
    """The version that last became good in this environment, and the time at which it became good."""

    now: datetime

    @property
    def is_as_recorded(self) -> bool:
        """Whether no update has begun or ended since the settings were recorded."""
        is_same = self.recorded is not None and self.recorded.environment_updated_at == self.environment.updated_at
        return is_same and self.request.update_started_at is None

    @property
    def is_up_to_date(self) -> bool:
        is_fresh = self.recorded is not None and self.now - self.recorded.at < READ_AGAIN_AFTER
        return self.is_as_recorded and is_fresh

    @property
    def good_settings(self) -> GoodSettings | None:
        """The recorded settings. None: they were not in force when a version last became good, or this is not known."""
        if self.good is None or self.recorded is None:
            return None
        label, at = self.good
        if not were_in_force(self.recorded, at):
            return None
        return GoodSettings(
            label=label, good_at=at, settings=replace(self.recorded, drifted=[], version_quota_use=None)
        )

    @property
    def events_since(self) -> datetime | None:
        """The time from which events are read. None: no settings are recorded, and no update is in progress."""
        if self.recorded is not None and self.recorded.environment_updated_at is not None:
            return max(self.recorded.environment_updated_at, self.now - EVENTS_WINDOW) - MARGIN
        return None if self.environment.is_ready else self.environment.updated_at - MARGIN

    def is_in_progress(self, operation: Operation) -> bool:
        if not self.environment.is_ready:
            return True
        return self.request.update_started_at is not None and operation.may_continue(self.now)

    def judgement(self, operation: Operation, sets: SettingsAndDraft, instances: int | None) -> Judgement | None:
        """Judges the update. Returns None if Beanstalk does not show the changes yet."""
        if not self.is_in_progress(operation):
            return judge_past(operation, self.recorded, self.settings(sets), instances)
        in_force = CurrentSettings(options=sets.in_force, instances=instances, environment_id=self.environment.id)
        if sets.pending is not None:
            judgement = judge_pending(in_force, sets.pending)
            if judgement.effect is Effect.NOTHING and self.recorded is not None and self.recorded.options:
                # Beanstalk may return the new settings as deployed before the update has ended.
                before = recorded_in_force(self.recorded, instances, self.environment.id)
                return judge_pending(before, recorded_in_force(self.settings(sets), instances).options)
            return judgement
        is_undecided = operation.kind is OperationKind.UPDATE and not (
            operation.deploys_version or operation.is_managed
        )
        if is_undecided and self.now - operation.started_at < PATIENCE:
            return None
        return judge_without_draft(operation, in_force)

    def is_to_be_reported(self, judgement: Judgement, operation: Operation) -> bool:
        """Whether to report the update.

        If the update was already reported, it is reported again only if the effect is now a replacement.
        """
        if not judgement.is_reported:
            return False
        if self.guarded is None or not self.guarded.is_of(self.environment.id, operation.request_id):
            return True
        return judgement.effect.replaces and not self.guarded.effect.replaces

    def settings(self, sets: SettingsAndDraft) -> DeploymentSettings:
        return read_settings(sets.in_force, self.environment, self.now)
