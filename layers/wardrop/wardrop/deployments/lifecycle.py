"""The life of a deployment: each look leads to one step.

queued -> (awaiting_approval ->) (preparing ->) deploying -> baking -> succeeded; a version that proves bad goes
through rolling_back to rolled_back. Only the ledger is remembered between looks, so any look may be lost.
docs/architecture.md has the diagram.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from wardrop.deployments import prove, recover, start, taking_back
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.remind import remind
from wardrop.deployments.situation import Need, Situation
from wardrop.deployments.state import State, WaitKind, WaitsFor
from wardrop.deployments.steps import End, Recheck, Step, Wait
from wardrop.deployments.update import Timers

ABSENT = timedelta(minutes=15)
"""Beanstalk does not refuse what a role may not see, it hides it; so absence counts only if it lasts.

12:00:00 the environment is not shown: noted. 12:07:00 it is shown: forgotten. 12:10:00 not shown, and so on each
look until 12:25:00: the deployment fails.
"""


@dataclass(frozen=True)
class Phase:
    needs: Callable[[Situation], Need]
    step: Callable[[Situation], Step]


def needs(situation: Situation) -> Need:
    """What has to be read before `advance` can decide. Most looks find the environment Updating and need little."""
    return _phase(situation.deployment).needs(situation)


def advance(situation: Situation) -> Step:
    """The next step of the deployment. Once that step is done, another call returns the one after it."""
    step = _phase(situation.deployment).step(situation)
    if not isinstance(step, Wait):
        return step
    if reminder := remind(situation, step):
        return reminder
    if situation.deployment.timers != Timers():
        return Recheck(step.reason, Timers())
    return prove.progress(situation, step) or step


def _phase(deployment: Deployment) -> Phase:
    update = deployment.update
    match deployment.state:
        case State.QUEUED | State.AWAITING_APPROVAL:
            return Phase(start.needs, start.start)
        case State.PREPARING:
            return Phase(start.needs_when_prepared, start.after_preparing)
        case State.ROLLING_BACK if update is None:
            return Phase(taking_back.needs, taking_back.put_back)
        case State.DEPLOYING | State.ROLLING_BACK if update is None or update.request_id is None:
            return Phase(recover.needs, recover.recover)
        case State.DEPLOYING | State.BAKING | State.ROLLING_BACK:
            return Phase(prove.needs, prove.prove)
        case _:
            return Phase(_no_needs, _is_unknown)


def when_absent(deployment: Deployment, now: datetime) -> Recheck | End:
    """Beanstalk does not show the environment."""
    since = deployment.timers.absent_since or now
    name = deployment.environment
    reason = f"Beanstalk shows no environment {name}: it was terminated, or it is hidden from Wardrop's role"
    if now - since >= ABSENT:
        return End(deployment.failure, f"{reason}, since {since:%H:%M:%S}")
    return Recheck(reason, Timers(absent_since=since))


def _no_needs(_situation: Situation) -> Need:
    return Need.NOTHING


def _is_unknown(situation: Situation) -> Wait:
    reason = f"a newer Wardrop than this one wrote the state {situation.deployment.state}"
    return Wait(reason, WaitsFor(WaitKind.NEWER_WARDROP))
