"""The whole life of a deployment: what each look at its environment leads to.

queued -> deploying -> succeeded | failed | superseded, queued -> superseded | failed, and back from
deploying to queued where nothing of ours has begun. A look takes one
step; nothing but the ledger is remembered between looks, so it does not matter which of them was lost.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from wardrop.domain import verdict
from wardrop.domain.deployment import Deployment, Standing, State
from wardrop.domain.environment import UPDATE_STARTS, Environment, Observed

UNANSWERED = timedelta(minutes=2)
"""For so long a call of UpdateEnvironment whose answer was lost may still show itself among the events."""

MOST_UNANSWERED = 3
"""After so many lost answers a person has to look."""

ABSENT = timedelta(minutes=15)
"""Beanstalk hides what a role may not see instead of refusing, so absence has to last before it counts."""


@dataclass(frozen=True)
class Wait:
    """Nothing to do but to tell why."""

    reason: str


@dataclass(frozen=True)
class Deploy:
    """Claim the environment and call UpdateEnvironment."""

    reason: str


@dataclass(frozen=True)
class Adopt:
    """The lost answer is found: the running update is ours."""

    request_id: str
    reason: str


@dataclass(frozen=True)
class Requeue:
    """The claim is void; nothing of ours has begun."""

    reason: str


@dataclass(frozen=True)
class Recheck:
    """Something is against the deployment, but has to last before it counts; by default nothing is any more."""

    reason: str
    absent_since: datetime | None = None
    unacceptable_since: datetime | None = None
    unacceptable_looks: int = 0


@dataclass(frozen=True)
class End:
    """The deployment is over."""

    state: State
    reason: str


Step = Wait | Deploy | Adopt | Requeue | Recheck | End


def next_in_line(waiting: Iterable[Deployment]) -> Deployment | None:
    """The newest drop wins."""
    return max(waiting, key=lambda deployment: (deployment.arrival, deployment.id), default=None)


def superseded(waiting: Sequence[Deployment], standing: Standing) -> list[tuple[Deployment, End]]:
    """The waiting deployments that will never start, because a newer drop waits or has started."""
    newest = next_in_line(waiting)
    ended: list[tuple[Deployment, End]] = []
    for deployment in waiting:
        label = deployment.label
        if standing.newest is not None and deployment.arrival < standing.newest:
            reason = f"{label} was uploaded before what has been deployed to {deployment.environment} since"
        elif newest is not None and deployment is not newest:
            reason = f"{newest.label} was uploaded after {label} and goes to {deployment.environment} instead"
        else:
            continue
        ended.append((deployment, End(State.SUPERSEDED, reason)))
    return ended


def advance(deployment: Deployment, observed: Observed, settle: timedelta, now: datetime) -> Step:
    """The one step that what is observed allows; calling it again after the step leads to the next one."""
    environment = observed.environment
    if environment is None:
        return _miss(deployment, now)
    step = _advance(deployment, environment, observed, settle, now)
    if isinstance(step, Wait) and (deployment.absent_since or deployment.unacceptable_since):
        return Recheck(step.reason)
    return step


def _advance(
    deployment: Deployment, environment: Environment, observed: Observed, settle: timedelta, now: datetime
) -> Step:
    match deployment.state:
        case State.QUEUED:
            return _start(deployment, environment)
        case State.DEPLOYING if deployment.request_id is None:
            return _recover(deployment, environment, observed, now)
        case State.DEPLOYING:
            return _conclude(deployment, observed, settle, now)
        case _:
            return Wait(f"{deployment.state} was written by a newer Wardrop than this one")


def _miss(deployment: Deployment, now: datetime) -> Step:
    since = deployment.absent_since or now
    reason = f"Beanstalk shows no environment {deployment.environment}: terminated, or hidden from Wardrop's role"
    if now - since >= ABSENT:
        return End(State.FAILED, f"{reason}, since {since:%H:%M:%S}")
    return Recheck(reason, absent_since=since)


def _start(deployment: Deployment, environment: Environment) -> Step:
    if environment.application != deployment.application:
        return End(State.FAILED, f"{environment.name} belongs to application {environment.application} now")
    if not environment.is_ready:
        return Wait(f"{environment.name} is {environment.status}; waiting until it is Ready")
    return Deploy(f"{environment.name} is Ready: {deployment.label} replaces {environment.version_label or 'nothing'}")


def _recover(deployment: Deployment, environment: Environment, observed: Observed, now: datetime) -> Step:
    """The claim is there but no answer: did the call ever reach Beanstalk?"""
    claim = deployment.claim
    if claim is None:
        return Requeue("nothing had been claimed")
    if environment.id != claim.environment_id:
        return End(
            State.FAILED,
            f"{deployment.environment} was terminated while {deployment.label} was to be deployed",
        )
    starts = [event for event in observed.events if event.message == UPDATE_STARTS and event.request_id]
    if not starts:
        if environment.is_ready and now - claim.at >= UNANSWERED:
            return _requeue(deployment, "UpdateEnvironment gave no answer and began nothing; calling it again")
        return Wait("UpdateEnvironment gave no answer; looking for what it began")
    begun = starts[0].request_id or ""
    newer = [one for one in observed.instances or () if one.deployment_id > claim.deployment_id]
    if any(one.version_label == deployment.label for one in newer):
        return Adopt(begun, f"the update that began at {starts[0].at:%H:%M:%S} is ours: its answer was lost")
    # Right after the call the API may still show Ready; an update that is over has moved DateUpdated.
    if newer or (environment.is_ready and environment.updated_at > starts[0].at):
        if observed.instances is None and environment.version_label == deployment.label:
            return Adopt(begun, "the environment shows our version: the answer to our call was lost")
        return _requeue(deployment, f"somebody else's update of {environment.name} came first")
    return Wait(f"an update of {environment.name} has begun; whose it is shows in its instances")


def _requeue(deployment: Deployment, reason: str) -> Step:
    if deployment.unanswered + 1 >= MOST_UNANSWERED:
        return End(State.FAILED, f"UpdateEnvironment gave no answer {MOST_UNANSWERED} times; at last, {reason}")
    return Requeue(reason)


def _conclude(deployment: Deployment, observed: Observed, settle: timedelta, now: datetime) -> Step:
    found = verdict.judge(deployment, observed, settle, now)
    match found:
        case verdict.Good():
            return End(State.SUCCEEDED, found.reason)
        case verdict.Bad():
            return End(State.FAILED, found.reason)
        case verdict.Overtaken():
            return End(State.SUPERSEDED, found.reason)
        case verdict.Undecided():
            return Wait(found.reason)
        case verdict.Unacceptable():
            return Recheck(found.reason, unacceptable_since=found.since, unacceptable_looks=found.looks)
        case _:
            assert_never(found)
