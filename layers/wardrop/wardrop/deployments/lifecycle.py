"""Decides the next step of a deployment from its state. docs/architecture.md shows the states in a diagram.

The usual states are queued, awaiting_approval, preparing, deploying, baking and succeeded. If the version is bad,
rolling_back and rolled_back follow. Each evaluation reads the whole state from the ledger, so a lost evaluation does no
harm.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from wardrop.deployments import checking, prove, recover, start, taking_back, verdict
from wardrop.deployments.checking import CheckRound
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.remind import remind
from wardrop.deployments.situation import Need, Situation
from wardrop.deployments.state import State, WaitKind, WaitsFor
from wardrop.deployments.steps import End, Recheck, Step, Wait
from wardrop.deployments.update import Timers

ABSENT = timedelta(minutes=15)
"""The time for which an environment must be missing before its deployment fails.

Beanstalk does not list environments that a role may not read, so a missing permission looks like a termination.
Example: the environment is missing at 12:00:00, listed at 12:07:00, and missing again from 12:10:00 on. The deployment
fails at 12:25:00.
"""


@dataclass(frozen=True)
class Phase:
    needs: Callable[[Situation], Need]
    step: Callable[[Situation], Step]


def needs(situation: Situation) -> Need:
    """Lists the data that `advance` needs. Most evaluations need little, because the environment is still Updating."""
    return _phase(situation.deployment).needs(situation)


def advance(situation: Situation) -> Step:
    """Decides the next step of the deployment."""
    step = _phase(situation.deployment).step(situation)
    if not isinstance(step, Wait):
        return step
    if reminder := remind(situation, step):
        return reminder
    if situation.deployment.timers != Timers():
        return Recheck(step.reason, Timers())
    return prove.progress(situation, step) or step


def checks_due(situation: Situation) -> CheckRound | None:
    """Returns the checks to run before `advance` decides, or None if no check is configured or due."""
    update = situation.deployment.update
    if not checking.checks_of(situation.deployment):
        return None
    if situation.deployment.state not in (State.DEPLOYING, State.BAKING) or update is None or update.request_id is None:
        return checking.round_before(situation, advance(situation))
    is_proven = isinstance(verdict.judge(situation, update), verdict.Proven)
    return checking.round_after(situation) if is_proven else None


def _phase(deployment: Deployment) -> Phase:
    update = deployment.update
    match deployment.state:
        case State.QUEUED | State.AWAITING_APPROVAL:
            return Phase(start.needs, start.start)
        case State.PREPARING:
            return Phase(start.needs_when_prepared, start.after_preparing)
        case State.ROLLING_BACK if update is None:
            return Phase(taking_back.needs, taking_back.redeploy_target)
        case State.DEPLOYING | State.ROLLING_BACK if update is None or update.request_id is None:
            return Phase(recover.needs, recover.recover)
        case State.DEPLOYING | State.BAKING | State.ROLLING_BACK:
            return Phase(prove.needs, prove.prove)
        case _:
            return Phase(_no_needs, _is_unknown)


def when_absent(deployment: Deployment, now: datetime) -> Recheck | End:
    """Decides the step if Beanstalk does not list the environment."""
    since = deployment.timers.absent_since or now
    name = deployment.environment
    causes = f"{name} was terminated, or Wardrop's role has no permission to read it"
    if now - since >= ABSENT:
        return End(deployment.failure, f"Beanstalk has not listed {name} since {since:%H:%M:%S}: {causes}")
    return Recheck(f"Beanstalk does not list {name}: {causes}", Timers(absent_since=since))


def _no_needs(_situation: Situation) -> Need:
    return Need.NOTHING


def _is_unknown(situation: Situation) -> Wait:
    reason = f"a newer version of Wardrop wrote the state {situation.deployment.state}; upgrade the stack"
    return Wait(reason, WaitsFor(WaitKind.NEWER_WARDROP))
