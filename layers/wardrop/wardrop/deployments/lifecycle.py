"""The whole life of a deployment: what each look at its environment leads to.

queued -> (awaiting_approval ->) (preparing ->) deploying -> baking -> succeeded; what proves bad goes through
rolling_back to rolled_back. A look takes one step; nothing but the ledger is remembered between looks, so it
does not matter which of them was lost. docs/architecture.md has the diagram.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import assert_never

from wardrop.alerts.duration import lasting
from wardrop.configuration.freeze import active_window
from wardrop.configuration.rules import OnFailure
from wardrop.deployments import verdict
from wardrop.deployments.deployment import Deployment, Timers, UnacceptableHealth
from wardrop.deployments.standing import GoodVersion, Standing
from wardrop.deployments.state import State
from wardrop.deployments.steps import (
    Adopt,
    AskApproval,
    Bake,
    Deploy,
    End,
    Prepare,
    Recheck,
    Remind,
    Report,
    Requeue,
    RollBack,
    Step,
    Wait,
)
from wardrop.environments.availability import availability
from wardrop.environments.deployment_policy import deadline, required_changes
from wardrop.environments.model import UPDATE_STARTS, Environment, Health, Observed, Progress, branch
from wardrop.environments.settings import DeploymentSettings

UNANSWERED = timedelta(minutes=2)
"""For so long a call of UpdateEnvironment whose answer was lost may still show itself among the events."""

MOST_UNANSWERED = 3
"""After so many lost answers a person has to look."""

ABSENT = timedelta(minutes=15)
"""Beanstalk hides what a role may not see instead of refusing, so absence has to last before it counts."""

STUCK = timedelta(hours=1)
"""An environment that was not Ready for so long needs a person."""


def next_in_line(waiting: Iterable[Deployment]) -> Deployment | None:
    """What a person asked for goes first; of drops, and of wishes, the newest wins."""
    return max(waiting, key=lambda one: (one.asked is not None, one.recency, one.id), default=None)


def in_hand(active: Sequence[Deployment]) -> Deployment | None:
    """The one deployment to look at: what has begun, unless it bakes only and a person presses."""
    begun = next((one for one in active if not one.is_waiting), None)
    waiting = next_in_line(one for one in active if one.is_waiting)
    if begun is not None and begun.state is State.BAKING and waiting is not None and waiting.is_urgent:
        return waiting
    return begun or waiting


def superseded(waiting: Sequence[Deployment], standing: Standing) -> list[tuple[Deployment, End]]:
    """The waiting deployments that will never start, because a newer one waits or has started."""
    ended: list[tuple[Deployment, End]] = []
    for deployment in waiting:
        label = deployment.label
        # What a person asked for gives way to another wish alone; a newer drop comes after it.
        rivals = [one for one in waiting if deployment.asked is None or one.asked is not None]
        newest = max(rivals, key=lambda one: (one.recency, one.id))
        if deployment.asked is None and standing.newest is not None and deployment.arrival < standing.newest:
            reason = f"{label} was uploaded before what has been deployed to {deployment.environment} since"
        elif newest is not deployment:
            came = "was uploaded" if newest.asked is None else f"was asked for by {newest.asked.by}"
            reason = f"{newest.label} {came} after {label} and goes to {deployment.environment} instead"
        else:
            continue
        ended.append((deployment, End(State.SUPERSEDED, reason)))
    return ended


def advance(deployment: Deployment, standing: Standing, observed: Observed, settle: timedelta, now: datetime) -> Step:
    """The one step that what is observed allows; calling it again after the step leads to the next one."""
    environment = observed.environment
    if environment is None:
        return _miss(deployment, now)
    step = _advance(deployment, standing, environment, observed, settle, now)
    if not isinstance(step, Wait):
        return step
    if remind := _remind(deployment, environment, observed, step, now):
        return remind
    if deployment.timers != Timers():
        return Recheck(step.reason, Timers())
    return _report(deployment, environment, observed, step) or step


def _advance(
    deployment: Deployment,
    standing: Standing,
    environment: Environment,
    observed: Observed,
    settle: timedelta,
    now: datetime,
) -> Step:
    match deployment.state:
        case State.QUEUED | State.AWAITING_APPROVAL:
            return _start(deployment, standing, environment, observed, now)
        case State.PREPARING:
            return _prepare(deployment, environment, observed, settle, now)
        case State.ROLLING_BACK if deployment.update is None:
            return _put_back(deployment, environment, observed)
        case State.DEPLOYING | State.ROLLING_BACK if deployment.update is None or deployment.update.request_id is None:
            return _recover(deployment, environment, observed, now)
        case State.DEPLOYING | State.BAKING | State.ROLLING_BACK:
            return _conclude(deployment, standing, observed, settle, now)
        case _:
            return Wait(f"{deployment.state} was written by a newer Wardrop than this one")


def _miss(deployment: Deployment, now: datetime) -> Step:
    since = deployment.timers.absent_since or now
    reason = f"Beanstalk shows no environment {deployment.environment}: terminated, or hidden from Wardrop's role"
    if now - since >= ABSENT:
        state = State.ROLLBACK_FAILED if deployment.rollback else State.FAILED
        return End(state, f"{reason}, since {since:%H:%M:%S}")
    return Recheck(reason, timers=Timers(absent_since=since))


def _start(
    deployment: Deployment, standing: Standing, environment: Environment, observed: Observed, now: datetime
) -> Step:
    if environment.application != deployment.application:
        return End(State.FAILED, f"{environment.name} belongs to application {environment.application} now")
    if condemned := standing.quarantine_of(deployment.label):
        return End(State.FAILED, f"{deployment.label} is quarantined in {environment.name}: {condemned.because}")
    if deployment.is_requested_rollback and deployment.label not in {
        one.label for one in fitting(standing, environment)
    }:
        reason = f"{environment.name} is another one than when it was asked for, or on another platform branch"
        return End(State.FAILED, f"{deployment.label} has not been good there: {reason}")
    if deployment.needs_approval:
        who = f" by {' or '.join(deployment.rules.approvers)}" if deployment.rules.approvers else ""
        return AskApproval(f"{deployment.label} waits to be approved for {environment.name}{who}")
    if barred := obstacle(deployment, standing, now):
        return Wait(barred)
    if not environment.is_ready:
        return _until_ready(environment)
    return _prepare_or_deploy(deployment, environment, observed)


def obstacle(deployment: Deployment, standing: Standing, now: datetime) -> str | None:
    """What people have put in the way; whoever presses passes it, and a wish passes the hold."""
    if deployment.is_urgent:
        return None
    if standing.hold is not None and deployment.asked is None:
        return f"{deployment.environment} is held {_since(standing.hold.at, standing.hold.by)}: {standing.hold.because}"
    if standing.paused is not None:
        because = f": {standing.paused.because}" if standing.paused.because else ""
        return f"{deployment.environment} is paused {_since(standing.paused.at, standing.paused.by)}{because}"
    if window := active_window(deployment.rules.freeze, now):
        return f"{deployment.environment} is frozen: {window}"
    return None


def withheld(good: Deployment, standing: Standing) -> str | None:
    """Why what has proven good goes no further: whoever went back meanwhile does not want it in the next stage."""
    if good.promotes and standing.hold is not None:
        return f"it is not promoted, for {good.environment} is held: {standing.hold.because}"
    return None


def agrees(peer: Standing, label: str) -> bool:
    """Whether an environment of the same stage has found this version good as well, and nobody has gone back there."""
    return bool(peer.good) and peer.good[0].label == label and peer.hold is None


def adopted(deployment: Deployment, standing: Standing, observed: Observed) -> str | None:
    """The version that is taken as good although Wardrop has not proven it: a rollback must not undo what people did.

    A person's wish adopts only where nothing is known yet: what it wants to get away from is not good.
    """
    shown, instances = observed.environment, observed.instances
    if shown is None or not shown.is_ready or not shown.version_label or shown.health not in (Health.OK, Health.INFO):
        return None
    label, known = shown.version_label, [one.label for one in standing.good]
    if not instances or not all(one.runs(label) for one in instances) or standing.quarantine_of(label):
        return None
    if label == deployment.label or known[:1] == [label] or (known and deployment.asked is not None):
        return None
    return label


def _prepare_or_deploy(deployment: Deployment, environment: Environment, observed: Observed) -> Step:
    found, rules = observed.preflight, deployment.rules
    if found is None:
        return Deploy(_replaces(deployment, environment))
    fleet = _fleet(observed, found)
    try:
        options = required_changes(rules.policy, str(rules.batch), found, fleet)
    except ValueError as error:
        return End(State.FAILED, f"{deployment.label} cannot be deployed as configured: {error}")
    if options:
        told = ", ".join(f"{name}={value}" for name, value in options.items())
        return Prepare(options, f"{environment.name} has {found.policy}, {found.batch}; setting {told} first")
    return Deploy(
        f"{_replaces(deployment, environment)}; this {availability(found, fleet, deployment.replacing_options)}"
    )


def _put_back(deployment: Deployment, environment: Environment, observed: Observed) -> Step:
    """Unless somebody else has put another version there meanwhile, or made another environment."""
    if deployment.rollback is not None and deployment.rollback.target.environment_id != environment.id:
        reason = f"{environment.name} was made anew before {deployment.label} was taken back"
        return End(State.SUPERSEDED, reason)
    if not environment.is_ready:
        return _until_ready(environment)
    running = {one.version_label for one in observed.instances or ()} or {environment.version_label}
    if _is_deployed_to_since(deployment, environment, observed) and deployment.label not in running:
        there = ", ".join(sorted(label or "nothing" for label in running))
        return End(State.SUPERSEDED, f"somebody else deployed {there} before {deployment.label} was taken back")
    return Deploy(_replaces(deployment, environment))


def _is_deployed_to_since(deployment: Deployment, environment: Environment, observed: Observed) -> bool:
    """Whether an instance may have got a version since ours was found to be bad.

    An update that reached none, such as our own whose answer was lost and that then failed, is nobody's deployment.
    """
    rollback = deployment.rollback
    if rollback is None or environment.updated_at <= rollback.environment_updated_at:
        return False
    instances = observed.instances
    if not instances:
        return True
    return any(one.version_label is None or one.deployment_id > rollback.deployment_id for one in instances)


def _until_ready(environment: Environment) -> Wait:
    return Wait(f"{environment.name} is {environment.status}; waiting until it is Ready")


def _replaces(deployment: Deployment, environment: Environment) -> str:
    return f"{environment.name} is Ready: {deployment.target_label} replaces {environment.version_label or 'nothing'}"


def _prepare(
    deployment: Deployment, environment: Environment, observed: Observed, settle: timedelta, now: datetime
) -> Step:
    """By level: whoever set the options, once they are in force the deployment goes on."""
    claim = deployment.update
    if claim is None or environment.id != claim.environment_id:
        return End(State.FAILED, f"{environment.name} was terminated while its settings were changed")
    if not environment.is_ready:
        return Wait(f"{environment.name} is {environment.status}: its settings are being changed")
    step = _prepare_or_deploy(deployment, environment, observed)
    if not isinstance(step, Prepare):
        return step
    ours = [event for event in observed.events if event.request_id and event.request_id == claim.request_id]
    if verdict.failed(ours):
        return End(State.FAILED, f"the settings of {environment.name} could not be changed: {verdict.cause(ours)}")
    if now - max(claim.claimed_at, environment.updated_at) < max(settle, UNANSWERED):
        return Wait(f"{environment.name} does not show its new settings yet")
    return _again(deployment, "the change of settings led to nothing", step)


def _recover(deployment: Deployment, environment: Environment, observed: Observed, now: datetime) -> Step:
    """The claim is there but no answer: did the call ever reach Beanstalk?"""
    claim, label = deployment.update, deployment.target_label
    if claim is None:
        return Requeue("nothing had been claimed")
    if environment.id != claim.environment_id:
        state = State.ROLLBACK_FAILED if deployment.rollback else State.FAILED
        return End(state, f"{deployment.environment} was terminated while {label} was to be deployed")
    starts = [event for event in observed.events if event.message == UPDATE_STARTS and event.request_id]
    if not starts:
        if environment.is_ready and now - claim.claimed_at >= UNANSWERED:
            reason = "UpdateEnvironment gave no answer and began nothing"
            return _again(deployment, reason, Requeue(f"{reason}; calling it again"))
        return Wait("UpdateEnvironment gave no answer; looking for what it began")
    begun = starts[0].request_id or ""
    newer = [one for one in observed.instances or () if one.deployment_id > claim.deployment_id]
    if any(one.version_label == label for one in newer):
        return Adopt(begun, f"the update that began at {starts[0].at:%H:%M:%S} is ours: its answer was lost")
    # Right after the call the API may still show Ready; an update that is over has moved DateUpdated.
    if newer or (environment.is_ready and environment.updated_at > starts[0].at):
        if observed.instances is None and environment.version_label == label:
            return Adopt(begun, "the environment shows our version: the answer to our call was lost")
        reason = f"somebody else's update of {environment.name} came first"
        return _again(deployment, reason, Requeue(reason))
    return Wait(f"an update of {environment.name} has begun; whose it is shows in its instances")


def _again(deployment: Deployment, reason: str, step: Prepare | Requeue) -> Step:
    if deployment.lost_answers + 1 < MOST_UNANSWERED:
        return step
    state = State.ROLLBACK_FAILED if deployment.rollback else State.FAILED
    return End(state, f"UpdateEnvironment was called {MOST_UNANSWERED} times in vain; at last, {reason}")


def _conclude(deployment: Deployment, standing: Standing, observed: Observed, settle: timedelta, now: datetime) -> Step:
    found = verdict.judge(deployment, observed, settle, now)
    match found:
        case verdict.Proven():
            return _proven(deployment, found.reason, now)
        case verdict.Bad():
            return _condemned(deployment, standing, observed, found)
        case verdict.Overtaken():
            return End(State.SUPERSEDED, found.reason, found.blames)
        case verdict.Undecided():
            return Wait(found.reason)
        case verdict.Unacceptable():
            return Recheck(found.reason, Timers(unacceptable=UnacceptableHealth(since=found.since, looks=found.looks)))
        case _:
            assert_never(found)


def _proven(deployment: Deployment, reason: str, now: datetime) -> Step:
    """Well for long enough, without a break, is good."""
    if deployment.state is State.ROLLING_BACK:
        return End(State.ROLLED_BACK, f"{_fault(deployment)}; {deployment.target_label} is back: {reason}")
    bake = deployment.rules.bake
    if deployment.state is State.DEPLOYING and bake:
        return Bake(f"{reason}; it has to stay so for {lasting(bake)}")
    since = deployment.timers.good_since
    if not bake:
        return End(State.SUCCEEDED, reason)
    if since is None:
        return Recheck(reason, Timers(good_since=now))
    if now - since >= bake:
        return End(State.SUCCEEDED, f"{reason}, for {lasting(now - since)}")
    return Recheck(reason, Timers(good_since=since))


def _condemned(deployment: Deployment, standing: Standing, observed: Observed, found: verdict.Bad) -> Step:
    """Back to what was good here, once, and only where Beanstalk has not gone back by itself."""
    if deployment.state is State.ROLLING_BACK:
        reason = f"{_fault(deployment)}; going back to {deployment.target_label} failed too: {found.reason}"
        return End(State.ROLLBACK_FAILED, reason)
    environment = observed.environment
    if environment is None:
        raise ValueError("nothing is seen of the environment")
    targets = [one for one in fitting(standing, environment) if one.label != deployment.label]
    if there := _taken_back_already(deployment, targets, observed):
        reason = f"{found.reason}; all instances run {there}, so there is nothing to take back"
        return End(State.ROLLED_BACK, reason, found.blames)
    if deployment.rules.on_failure is OnFailure.HOLD:
        return End(State.FAILED, f"{found.reason}; it is left as it is, as on_failure says", found.blames)
    if deployment.is_requested_rollback:
        return End(State.FAILED, f"{found.reason}; a rollback is not taken back", found.blames)
    if not targets:
        return End(State.FAILED, f"{found.reason}; no version has been good here that could be put back", found.blames)
    return RollBack(targets, environment.updated_at, found.reason, found.blames)


def _taken_back_already(deployment: Deployment, targets: Sequence[GoodVersion], observed: Observed) -> str | None:
    """What all instances run, if a rollback would lead there, or if it ran before: Beanstalk or people put it back."""
    good = [one.label for one in targets[:1]]
    before = [deployment.update.version_label] if deployment.update else []
    running = {one.version_label if one.deployment_status == "Deployed" else None for one in observed.instances or ()}
    return next((label for label in [*good, *before] if label != deployment.label and running == {label}), None)


def fitting(standing: Standing, environment: Environment) -> list[GoodVersion]:
    """What was good there and may be put back as the environment is now; the newest first."""
    as_now = environment.id, branch(environment.platform)
    proven = [one for one in standing.good if (one.environment_id, branch(one.platform)) == as_now]
    return [one for one in proven if not standing.quarantine_of(one.label)]


def _fault(deployment: Deployment) -> str:
    """Why it is being taken back."""
    told = [moment.reason for moment in deployment.history if moment.state is State.ROLLING_BACK]
    return told[0] if told else f"{deployment.label} was bad"


def _remind(
    deployment: Deployment, environment: Environment, observed: Observed, step: Wait, now: datetime
) -> Remind | None:
    """Told once, whatever is late: that it starts, or that it ends. Only evidence does more."""
    if deployment.reminded or deployment.state is State.BAKING:
        return None
    if deployment.update is None:
        since = deployment.history[-1].at
        if step != _until_ready(environment) or step.reason != deployment.reason or now - since < STUCK:
            return None
        return Remind(
            f"{environment.name} has been {environment.status} for {lasting(now - since)}; somebody should look, "
            f"also at its CloudFormation stack awseb-{environment.id}-stack"
        )
    took, deadline = now - deployment.update.claimed_at, _deadline(deployment, observed)
    if took < deadline:
        return None
    return Remind(
        f"{deployment.target_label} is not live after {lasting(took)}, and was to be after {lasting(deadline)}"
    )


def _report(deployment: Deployment, environment: Environment, observed: Observed, step: Wait) -> Report | None:
    """Whenever more of a fleet has what is wanted, or fewer; a single instance has no progress."""
    claim, instances = deployment.update, observed.instances or ()
    moves = deployment.state in (State.DEPLOYING, State.ROLLING_BACK) and not environment.is_ready
    if claim is None or not moves or len(instances) < 2:
        return None
    done = sum(one.runs(deployment.target_label) and one.deployment_id > claim.deployment_id for one in instances)
    progress = Progress(done=done, instances=len(instances))
    return Report(progress, step.reason) if done and progress != claim.progress else None


def _deadline(deployment: Deployment, observed: Observed) -> timedelta:
    if deployment.rules.deadline is not None:
        return deployment.rules.deadline
    found = deployment.preflight
    return deadline(found, _fleet(observed, found)) if found is not None else STUCK


def _fleet(observed: Observed, found: DeploymentSettings) -> int:
    """Basic health reports no instances; then there are as many as there are at least."""
    return len(observed.instances) if observed.instances is not None else found.min_size


def _since(at: datetime, by: str) -> str:
    return f"since {at:%Y-%m-%d %H:%M} UTC by {by}"
