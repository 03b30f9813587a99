"""Builds the sentence that says whether the service stays available during a deployment."""

from wardrop.deployments.replacement import Replacement, listed
from wardrop.environments.deployment_policy import downtime, interruption
from wardrop.environments.option import written
from wardrop.environments.settings import COMMAND, DeploymentSettings
from wardrop.guard.effect import Effect
from wardrop.guard.plan import Plan

_POLICY = [written((COMMAND, name)) for name in ("DeploymentPolicy", "BatchSize", "BatchSizeType")]


def availability(
    plan: Plan | None, replacement: Replacement | None, settings: DeploymentSettings, instances: int | None
) -> str:
    """Returns a sentence that promises availability only if the plan excludes a replacement.

    If `instances` is None, the number of instances is not known.
    """
    if replacement is not None:
        effect = "; ".join([replacement.sentence, *_downtime(replacement, settings, instances)])
    elif plan is not None and plan.effect is Effect.REFUSED:
        effect = plan.sentence
    elif changed := _changed_policy(plan):
        effect = (
            f"cannot tell whether this keeps the service up, because .ebextensions change {', '.join(changed)}, and "
            "AWS does not document whether the new values already apply to this deployment"
        )
    else:
        effect = interruption("this", settings, instances)
    return "; ".join([effect, *_overridden(plan), *_notes(settings)])


def _downtime(replacement: Replacement, settings: DeploymentSettings, instances: int | None) -> list[str]:
    """Returns a sentence about the downtime that the policy causes. It is empty if a replacement is certain."""
    why = downtime(settings, instances) if replacement.effect is Effect.CANNOT_TELL else None
    return [f"in any case, this takes the service down for a while: {why}"] if why else []


def _changed_policy(plan: Plan | None) -> list[str]:
    changes = plan.changes if plan else ()
    return [change.subject for change in changes if change.subject in _POLICY and change.effect is not Effect.NOTHING]


def _overridden(plan: Plan | None) -> list[str]:
    names = [change.subject for change in plan.changes if change.is_overridden] if plan else []
    return [f"settings made through the API take precedence over {listed(names)} in .ebextensions"] if names else []


def _notes(settings: DeploymentSettings) -> list[str]:
    notes = ["health checks are ignored"] if settings.ignores_health else []
    if (quota := settings.version_quota_use) and quota.is_scarce:
        notes.append(f"{quota.used} of {quota.quota} application versions are used")
    return notes
