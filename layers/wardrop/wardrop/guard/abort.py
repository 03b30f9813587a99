"""Decides whether to abort an update that was started outside Wardrop."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from wardrop.environments.model import Environment
from wardrop.environments.operation import Operation
from wardrop.environments.settings import SettingsAndDraft
from wardrop.guard.guarded_update import AbortState, GuardedUpdate
from wardrop.guard.ownership import Ownership
from wardrop.guard.update_policy import Method, policy_of

EARLY = timedelta(seconds=30)
"""The time after the start of an update during which Wardrop trusts Beanstalk's events to show a replaced instance.

Later, an abort may do harm if Beanstalk reverts an update by replacing all instances at once. Example: such an update
started at 12:00:00. Wardrop aborts the update until 12:00:30, but not later.
"""

ANSWER_LOST = timedelta(seconds=30)
"""The time after which Wardrop reports that AbortEnvironmentUpdate did not respond. The call is never repeated."""


class AbortOutcome(StrEnum):
    """What Wardrop knows about the abort of an update when it has nothing more to do."""

    ABORTED = "aborted"
    NOT_ABORTED = "not_aborted"
    ABORTING = "aborting"
    """The environment is Aborting, but no response to Wardrop's call is recorded."""

    NOT_KNOWN = "not_known"


_STALE = "Beanstalk may still show the environment as it was before the update"

_NOT_FOREIGN = {
    Ownership.OURS: "Wardrop started the update",
    Ownership.UNANSWERED: "the update may be Wardrop's own, because a deployment has called UpdateEnvironment and no "
    "response is recorded",
    Ownership.OVERLAPPING: "the update may be Wardrop's own, because it started while a deployment was updating the "
    "environment",
}


@dataclass(frozen=True)
class AbortSituation:
    update: GuardedUpdate
    environment: Environment | None
    """The current state of the environment. None: Beanstalk does not list it."""

    operation: Operation | None
    """The newest operation in the events. None: the events show no operation."""

    ownership: Ownership
    sets: SettingsAndDraft | None
    """The settings in force and the draft.

    None: the settings were not read, because the environment is Ready or does not exist.
    """

    now: datetime


@dataclass(frozen=True)
class AbortDecision:
    state: AbortState
    reason: str
    outcome: AbortOutcome = AbortOutcome.NOT_ABORTED
    """The outcome of the abort. If the state is REQUESTED or CLAIMED, the outcome is not known yet."""


def decide(situation: AbortSituation) -> AbortDecision:
    """Decides whether to abort the update, and returns the new state of the abort.

    CLAIMED: abort now. REQUESTED: decide again at the next scheduled run. ABORTED and LEFT: nothing more is to be done.
    """
    update = situation.update
    if update.abort is AbortState.CLAIMED:
        return _recover(situation)
    if _may_be_stale(situation):
        return AbortDecision(AbortState.REQUESTED, _STALE)
    if reason := _obstacle(situation):
        return AbortDecision(AbortState.LEFT, reason)
    return AbortDecision(
        AbortState.CLAIMED, "Beanstalk's events show no removed or launched instance", AbortOutcome.ABORTED
    )


def _may_be_stale(situation: AbortSituation) -> bool:
    """Whether the update may still be in progress although Beanstalk shows the environment as Ready."""
    environment, operation, update = situation.environment, situation.operation, situation.update
    if environment is None or environment.id != update.environment_id or not environment.is_ready:
        return False
    if operation is None or operation.request_id != update.request_id:
        return False
    return operation.may_continue(situation.now)


def _obstacle(situation: AbortSituation) -> str | None:
    """Returns the reason why the update is not aborted, or None if nothing prevents an abort."""
    environment, operation, update = situation.environment, situation.operation, situation.update
    if environment is None or environment.id != update.environment_id:
        return "the environment was terminated"
    if operation is None:
        return "Beanstalk's events do not show the update"
    if operation.request_id != update.request_id:
        return "another operation has started since the update"
    if environment.is_ready:
        return "the update is over"
    if reason := _NOT_FOREIGN.get(situation.ownership):
        return reason
    if operation.is_managed:
        return "it is a managed platform update"
    if situation.sets is None or situation.sets.pending is None:
        return "Beanstalk does not show the settings that are about to change"
    if not environment.is_abortable:
        return "Beanstalk does not allow an abort at this time"
    return _irreversible_changes(operation) or _harmful(situation, operation, situation.sets)


def _irreversible_changes(operation: Operation) -> str | None:
    if operation.has_replaced_instances:
        return f"{operation.instance_changes} already, and Beanstalk would replace instances again to revert the update"
    if operation.replaced_load_balancer:
        return "the load balancer has been deleted already"
    return None


def _harmful(situation: AbortSituation, operation: Operation, sets: SettingsAndDraft) -> str | None:
    """Returns the reason why an abort could do more harm than the update, or None if it does no harm.

    To revert an update, Beanstalk uses the policy of the last successful update (AWS developer guide, "Rolling
    environment configuration updates").
    """
    policy = policy_of(sets.in_force, None)
    if policy.method in (Method.IN_BATCHES, Method.NEW_FIRST) or situation.now - operation.started_at <= EARLY:
        return None
    return (
        f"the update may have begun to replace instances. To revert the update, Beanstalk may replace all instances "
        f"at once, because {policy.reason}"
    )


def _recover(situation: AbortSituation) -> AbortDecision:
    """Decides after the invocation that wrote the claim was killed before it recorded a response.

    It is not known whether that invocation called AbortEnvironmentUpdate.
    """
    environment, update = situation.environment, situation.update
    lost = "no response to a call to AbortEnvironmentUpdate is recorded"
    if environment is None or environment.id != update.environment_id:
        return AbortDecision(AbortState.LEFT, f"{lost}, and the environment was terminated", AbortOutcome.NOT_KNOWN)
    if environment.status == "Aborting":
        reason = f"the environment is Aborting. Wardrop was about to abort the update, but {lost}"
        return AbortDecision(AbortState.ABORTED, reason, AbortOutcome.ABORTING)
    if environment.is_ready and not _may_be_stale(situation):
        return AbortDecision(AbortState.LEFT, f"{lost}, and the update has ended", AbortOutcome.NOT_KNOWN)
    if environment.is_ready:
        return AbortDecision(AbortState.REQUESTED, _STALE)
    if update.claimed_at is not None and situation.now - update.claimed_at < ANSWER_LOST:
        return AbortDecision(AbortState.REQUESTED, "the environment does not show yet whether the update was aborted")
    return AbortDecision(
        AbortState.LEFT,
        f"{lost}. The environment is {environment.status}, and Wardrop does not repeat the call",
        AbortOutcome.NOT_KNOWN,
    )
