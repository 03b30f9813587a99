"""Decides whether a step needs the deployment log, and adds the explanation from the log to the step.

The log only explains a failure. Every step is decided before the log is read.
"""

from dataclasses import replace

from wardrop.configuration.rules import Diagnose
from wardrop.deployments.situation import Situation
from wardrop.deployments.state import State
from wardrop.deployments.steps import End, Recheck, RollBack, Step, Unhealthy
from wardrop.evidence.explanation import Explanation
from wardrop.evidence.log_part import LogName
from wardrop.structs import replace as with_fields

EXPLAINED = (State.FAILED, State.ROLLED_BACK, State.ROLLBACK_FAILED)


def log_of(situation: Situation, step: Step) -> LogName | None:
    """Returns the log that explains the step, or None if no log is needed or none can be read."""
    deployment, update = situation.deployment, situation.deployment.update
    if deployment.rules.diagnose is Diagnose.OFF or update is None or update.request_id is None:
        return None
    if deployment.rollback is not None and deployment.explanation is not None:
        return None  # The reason for the rollback already contains the explanation.
    log = LogName(update.environment_id, update.request_id, update.claimed_at)
    match step:
        case RollBack():
            return log
        case End() if step.state in EXPLAINED and not _is_back(situation, step):
            return log
        case Recheck() if _becomes_unhealthy(situation, step):
            return log
        case _:
            return None


def explained(situation: Situation, step: Step, explanation: Explanation) -> tuple[Situation, Step]:
    """Adds the explanation to the step, and to the deployment, so that the log is read only once."""
    kept = replace(situation, deployment=with_fields(situation.deployment, explanation=explanation))
    match step:
        case RollBack() | End():
            return kept, replace(step, reason=f"{step.reason}; {explanation.sentence}")
        case Recheck() if explanation.cause is not None:
            return kept, Unhealthy(f"{step.reason}; {explanation.sentence}", step.timers)
        case _:
            return kept, step


def _is_back(situation: Situation, step: End) -> bool:
    """Whether the step ends a rollback that succeeded."""
    return step.state is State.ROLLED_BACK and situation.deployment.rollback is not None


def _becomes_unhealthy(situation: Situation, step: Recheck) -> bool:
    deployment = situation.deployment
    is_first = deployment.state is State.BAKING and deployment.explanation is None
    return is_first and step.timers.unacceptable is not None
