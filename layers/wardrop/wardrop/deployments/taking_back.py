"""Decides whether a bad version is rolled back, and starts the update that deploys a good version again."""

from collections.abc import Sequence

from wardrop.configuration.rules import OnFailure
from wardrop.deployments import leftovers
from wardrop.deployments.bundle_plan import bundle_plan
from wardrop.deployments.situation import Need, Situation
from wardrop.deployments.standing import GoodVersion
from wardrop.deployments.start import replacing, until_ready
from wardrop.deployments.state import State
from wardrop.deployments.steps import Deploy, End, RollBack, Step
from wardrop.deployments.verdict import Bad
from wardrop.environments.events import unresponsive
from wardrop.environments.fleet import DEPLOYED

MOST_NAMED = 10
"""The largest number of instances that the advice names."""


def after_failure(situation: Situation, bad: Bad) -> RollBack | End:
    """Rolls back to a version that was good in this environment. A deployment is rolled back at most once.

    If all instances already run that version or the previous version, for example because Beanstalk has restored it,
    the deployment ends.
    """
    deployment, environment = situation.deployment, situation.environment
    if deployment.rollback is not None:
        failed = f"the rollback to {deployment.target_label} failed too: {bad.reason}{_advice(situation)}"
        return End(State.ROLLBACK_FAILED, f"{deployment.rollback.because}; {failed}")
    good = situation.standing.rollback_targets(environment)
    targets = [version for version in good if version.label != deployment.label]
    if label := _is_back_already(situation, targets):
        reason = f"{bad.reason}; all instances run {label}, so there is nothing to roll back"
        return End(State.ROLLED_BACK, reason, bad.ran_and_failed)
    if why_not := _no_rollback(situation, targets):
        return End(State.FAILED, f"{bad.reason}; {why_not}{_advice(situation)}", bad.ran_and_failed)
    return RollBack(targets, environment.updated_at, bad.reason, bad.ran_and_failed)


def _advice(situation: Situation) -> str:
    """The advice on instances whose commands hang, because a further deployment would also hang."""
    ids = unresponsive(situation.own_events)
    if not ids:
        return ""
    more = f" and {len(ids) - MOST_NAMED} more" if len(ids) > MOST_NAMED else ""
    instances, pronoun = ", ".join(ids[:MOST_NAMED]) + more, "it" if len(ids) == 1 else "them"
    return (
        f"; {instances} did not respond to the command in time. If commands hang on an instance, every later command "
        f"may hang, too: terminate {pronoun}, so that Auto Scaling launches new instances"
    )


def _is_back_already(situation: Situation, targets: Sequence[GoodVersion]) -> str | None:
    """The label of the version that all instances already run, if it is the first target or the previous version.

    None: the instances run other versions, or the version is not deployed on all instances.
    """
    deployment = situation.deployment
    before = [deployment.update.version_label] if deployment.update else []
    candidates = [*(version.label for version in targets[:1]), *before]
    running = {
        instance.version_label if instance.deployment_status == DEPLOYED else None
        for instance in situation.fleet.instances
    }
    return next((label for label in candidates if label != deployment.label and running == {label}), None)


def _no_rollback(situation: Situation, targets: Sequence[GoodVersion]) -> str | None:
    if situation.deployment.rules.on_failure is OnFailure.HOLD:
        return "it is not rolled back, because on_failure is hold"
    if situation.deployment.is_requested_rollback:
        return "Wardrop does not roll back a requested rollback"
    return None if targets else "Wardrop knows no good version to roll back to"


def needs(situation: Situation) -> Need:
    if not situation.environment.is_ready:
        return Need.NOTHING
    return Need.CURRENT_ENVIRONMENT | Need.INSTANCES | Need.SETTINGS | leftovers.needs(situation)


def redeploy_target(situation: Situation) -> Step:
    """Deploys the target, unless another version was deployed outside Wardrop, or the environment was recreated."""
    deployment, environment = situation.deployment, situation.environment
    if deployment.rollback is not None and deployment.rollback.target.environment_id != environment.id:
        reason = f"{environment.name} was recreated before {deployment.label} was rolled back"
        return End(State.SUPERSEDED, reason)
    if not environment.is_ready:
        return until_ready(environment)
    running = situation.fleet.labels or {environment.version_label}
    if _has_another_version_since(situation) and deployment.label not in running:
        labels = ", ".join(sorted(label or "nothing" for label in running))
        return End(State.SUPERSEDED, f"somebody else deployed {labels} before {deployment.label} was rolled back")
    _, replacement = bundle_plan(situation)
    effect = f"; {replacement.sentence}" if replacement else ""
    return Deploy(f"{replacing(deployment, environment)}{effect}", replacement)


def _has_another_version_since(situation: Situation) -> bool:
    """Whether an instance may have received another version after the deployment was found to be bad.

    An update that reached no instance does not count, because it may be Wardrop's own rollback.

    Example: at 12:00:00, the version is bad, and all instances report the DeploymentId 8. At 12:01:00, Wardrop calls
    UpdateEnvironment for the rollback. The response is lost, and the update fails. At 12:04:00, DateUpdated has
    changed, but no instance reports a DeploymentId above 8. Therefore no other version has been deployed.
    """
    rollback, instances = situation.deployment.rollback, situation.fleet.instances
    if rollback is None or situation.environment.updated_at <= rollback.environment_updated_at:
        return False
    if not instances:
        return True
    newest = rollback.deployment_id
    return any(instance.version_label is None or instance.deployment_id > newest for instance in instances)
