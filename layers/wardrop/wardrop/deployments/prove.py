"""Decides the next step after Beanstalk has accepted an update.

The step depends on the verdict, the bake time and the progress.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import assert_never

from wardrop.alerts.duration import lasting
from wardrop.deployments import checking, overtaking, taking_back, verdict
from wardrop.deployments.situation import Need, Situation, alarms_needed
from wardrop.deployments.state import State, WaitKind, WaitsFor
from wardrop.deployments.steps import AlarmRaised, Bake, End, Recheck, Report, Requeue, Step, Unchecked, Wait
from wardrop.deployments.update import Timers, Update
from wardrop.environments.model import Progress
from wardrop.evidence.alarms import RaisedAlarm, raised_sentence


def needs(situation: Situation) -> Need:
    beanstalk = Need.EVENTS | Need.INSTANCES if situation.environment.is_ready else Need.PROGRESS
    return beanstalk | alarms_needed(situation.deployment)


def prove(situation: Situation) -> Step:
    update = situation.deployment.update
    if update is None:
        return Requeue("Wardrop has recorded no update for this deployment")
    judged = verdict.judge(situation, update)
    match judged:
        case verdict.Proven():
            return _checked(situation, update, judged)
        case verdict.Bad():
            return taking_back.after_failure(situation, judged)
        case verdict.Overtaken():
            repeats = not judged.ran_and_failed and overtaking.is_dropped_again(situation, update)
            return End(State.SUPERSEDED, judged.reason, judged.ran_and_failed, repeats=repeats)
        case verdict.Undecided() if raised := verdict.newly_raised(situation, update):
            return _alarm_raised(situation, raised)
        case verdict.Undecided():
            kind = WaitKind.PROOF if situation.environment.is_ready else WaitKind.UPDATE
            return Wait(judged.reason, WaitsFor(kind))
        case verdict.Unacceptable():
            return Recheck(judged.reason, Timers(unacceptable=judged.health))
        case _:
            assert_never(judged)


def _checked(situation: Situation, update: Update, proven: verdict.Proven) -> Step:
    judged = checking.judge(situation.deployment, proven)
    if isinstance(judged, verdict.Bad):
        return taking_back.after_failure(situation, judged)
    step = _proven(situation, judged)
    return replace(step, settled_at=verdict.ended_at(situation, update)) if isinstance(step, End) else step


def _proven(situation: Situation, proven: verdict.Proven) -> Step:
    """Decides whether a deployment succeeds.

    The version must be proven good for the whole bake time without interruption.

    Example with a `bake` of 2 min: the version is proven at 12:00:00, and the bake begins. Health is Warning at
    12:01:00. The version is proven again from 12:02:00 on, and the deployment succeeds at 12:04:00.

    If some evidence cannot be read, the deployment changes to `baking`, but does not succeed before all evidence has
    been read. During this time, an urgent request can replace the version.
    """
    deployment, bake, reason = situation.deployment, situation.deployment.rules.bake, proven.reason
    if deployment.rollback is not None:
        return End(State.ROLLED_BACK, f"{deployment.rollback.because}; {deployment.target_label} runs again: {reason}")
    if proven.unknown is not None:
        return _unproven(situation, reason, proven.unknown)
    if not bake:
        return End(State.SUCCEEDED, reason)
    if deployment.state is State.DEPLOYING:
        return Bake(f"{reason}; this must last for {lasting(bake)}", situation.now)
    since = deployment.timers.good_since or situation.now
    if situation.now - since >= bake:
        return End(State.SUCCEEDED, f"{reason}, for {lasting(situation.now - since)}")
    return Recheck(reason, Timers(good_since=since))


def _unproven(situation: Situation, reason: str, unknown: str) -> Step:
    deployment = situation.deployment
    if deployment.state is State.DEPLOYING:
        return Bake(f"{reason}; {unknown}", good_since=None)
    if checking.is_unreported(deployment):
        return Unchecked(f"{reason}; {unknown}")
    return Wait(f"{reason}; {unknown}", WaitsFor(WaitKind.PROOF))


def _alarm_raised(situation: Situation, raised: Sequence[RaisedAlarm]) -> AlarmRaised:
    """Returns a step that only records the alarm, because Beanstalk accepts no rollback during an update."""
    deployment = situation.deployment
    name, label = deployment.environment, deployment.label
    reason = f"{raised_sentence(raised)}; the alarm counts against {label} as soon as {name} is Ready"
    return AlarmRaised(reason, deployment.watched_alarms.with_raised(raised))


def progress(situation: Situation, step: Wait) -> Report | None:
    """Returns a progress report if the number of instances with the target version has changed.

    If the environment has only one instance, there is no report.
    """
    deployment, update, reported = situation.deployment, situation.deployment.update, situation.fleet
    if update is None or step.waits_for.kind is not WaitKind.UPDATE or deployment.state is State.BAKING:
        return None
    if len(reported.instances) < 2:
        return None
    new = [instance for instance in reported.instances if instance.deployment_id > update.deployment_id]
    done = sum(instance.runs(deployment.target_label) for instance in new)
    now = Progress(done=done, instances=len(reported.instances))
    return Report(now, step.reason) if done and now != update.progress else None
