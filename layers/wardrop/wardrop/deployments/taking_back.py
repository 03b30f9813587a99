"""Decides whether a bad version is rolled back, and starts the update that deploys a good version again."""

from collections.abc import Sequence
from datetime import timedelta

from wardrop.configuration.rules import OnFailure
from wardrop.deployments import leftovers, overtaking
from wardrop.deployments.bundle_plan import bundle_plan
from wardrop.deployments.situation import Need, Situation
from wardrop.deployments.standing import GoodVersion
from wardrop.deployments.start import replacing, until_ready
from wardrop.deployments.state import State, WaitKind, WaitsFor
from wardrop.deployments.steps import Deploy, End, RollBack, Step, Wait
from wardrop.deployments.update import AutomaticRollback
from wardrop.deployments.verdict import Bad
from wardrop.environments.events import unresponsive
from wardrop.environments.fleet import DEPLOYED

REPORT_AGE = timedelta(seconds=60)
"""The maximum age of the instances' reports. AWS documents no limit, but instances report every 10 seconds.

Example: a version fails, and the environment is Ready with the DateUpdated 12:00:00. At 12:00:59, reports that show the
previous version on all instances may be from before the update. At 12:01:00, there is nothing to roll back.
"""

MOST_NAMED = 10
"""The largest number of instances that the advice names."""


def after_failure(situation: Situation, bad: Bad) -> RollBack | End | Wait:
    """Rolls back to a version that was good in this environment. A deployment is rolled back at most once.

    If all instances already run that version or the previous version, the deployment ends without a rollback. For
    example, Beanstalk may have restored the previous version.
    """
    deployment, environment = situation.deployment, situation.environment
    if deployment.rollback is not None:
        failed = f"the rollback to {deployment.target_label} failed too: {bad.reason}{_advice(situation)}"
        return End(State.ROLLBACK_FAILED, f"{deployment.rollback.because}; {failed}")
    good = situation.standing.rollback_targets(environment)
    targets = [version for version in good if version.label != deployment.label]
    before = deployment.update.version_label if deployment.update else None
    if label := _on_all_instances(situation, [*(version.label for version in targets[:1]), before]):
        if situation.now - environment.updated_at < min(REPORT_AGE, situation.settle):
            reason = f"{bad.reason}; all instances report {label}, but perhaps these reports are from before the update"
            return Wait(f"{reason}; Wardrop waits for newer reports", WaitsFor(WaitKind.PROOF))
        reason = f"{bad.reason}; all instances run {label}, so there is nothing to roll back"
        return End(State.ROLLED_BACK, reason, bad.ran_and_failed)
    if why_not := _no_rollback(situation, targets):
        return End(State.FAILED, f"{bad.reason}; {why_not}{_advice(situation)}", bad.ran_and_failed)
    return RollBack(targets, environment.updated_at, bad.reason, bad.ran_and_failed)


def _advice(situation: Situation) -> str:
    """Returns advice about instances that did not respond, because a further deployment may hang on them, too."""
    ids = unresponsive(situation.own_events)
    if not ids:
        return ""
    more = f" and {len(ids) - MOST_NAMED} more" if len(ids) > MOST_NAMED else ""
    instances, pronoun = ", ".join(ids[:MOST_NAMED]) + more, "it" if len(ids) == 1 else "them"
    return (
        f"; {instances} did not respond to the command in time. If commands hang on an instance, every later command "
        f"may hang, too. Terminate {pronoun}, so that Auto Scaling launches new instances"
    )


def _on_all_instances(situation: Situation, labels: Sequence[str | None]) -> str | None:
    """Returns the first label, other than the deployment's own, whose version is deployed on all started instances.

    Returns None if none of these versions is deployed on all of them.
    """
    running = {
        instance.version_label if instance.deployment_status == DEPLOYED else None
        for instance in situation.fleet.started
    }
    own = situation.deployment.label
    return next((label for label in labels if label is not None and label != own and running == {label}), None)


def _no_rollback(situation: Situation, targets: Sequence[GoodVersion]) -> str | None:
    if situation.deployment.rules.on_failure is OnFailure.HOLD:
        return "the version is not rolled back, because on_failure is hold"
    if situation.deployment.is_requested_rollback:
        return "Wardrop does not roll back a rollback that a user requested"
    return None if targets else "Wardrop knows no good version to roll back to"


def needs(situation: Situation) -> Need:
    if not situation.environment.is_ready:
        return Need.NOTHING
    return Need.CURRENT_ENVIRONMENT | Need.INSTANCES | Need.SETTINGS | leftovers.needs(situation)


def redeploy_target(situation: Situation) -> Step:
    """Deploys the target of the rollback, unless another version was deployed, or the environment was recreated.

    If another update has brought the target or the previous version to all instances, the deployment ends.
    """
    deployment, environment, rollback = situation.deployment, situation.environment, situation.deployment.rollback
    if rollback is not None and rollback.target.environment_id != environment.id:
        reason = f"{environment.name} was recreated before {deployment.label} was rolled back"
        return End(State.SUPERSEDED, reason)
    if not environment.is_ready:
        return until_ready(environment)
    is_gone = deployment.label not in (situation.fleet.labels or {environment.version_label})
    others = overtaking.deployed_since_failure(situation)
    # The reports of the instances may be older than the label, which shows the last successful deployment.
    if others and (is_gone or environment.version_label in others):
        labels = ", ".join(others)
        return End(State.SUPERSEDED, f"somebody else deployed {labels} before {deployment.label} was rolled back")
    if rollback is not None and (label := _is_back_since(situation, rollback)):
        reason = f"{rollback.because}; all instances run {label}, so there is nothing to roll back"
        return End(State.ROLLED_BACK, reason)
    _, replacement = bundle_plan(situation)
    effect = f"; {replacement.sentence}" if replacement else ""
    return Deploy(f"{replacing(deployment, environment)}{effect}", replacement)


def _is_back_since(situation: Situation, rollback: AutomaticRollback) -> str | None:
    """Returns the target or the previous version if another update has brought it to all instances, or else None."""
    if not overtaking.is_updated_since_failure(situation):
        return None
    return _on_all_instances(situation, [rollback.target.label, rollback.version_label])
