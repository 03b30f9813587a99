"""Whether the service stays available during a deployment, as a sentence for the history."""

from wardrop.environments.deployment_policy import IN_BATCHES, batch_size
from wardrop.environments.settings import DeploymentSettings


def availability(settings: DeploymentSettings, instances: int, bundle_options: list[str]) -> str:
    """Continues a sentence such as "this deployment".

    `bundle_options` are the options in the bundle's `.ebextensions` that replace instances if they change. An option
    that was set through the API takes precedence over them, which the settings do not show.
    """
    sentence = _effect(settings, instances, bundle_options)
    if settings.ignores_health:
        sentence += "; health checks are ignored"
    if (quota := settings.version_quota_use) and quota.is_scarce:
        sentence += f"; {quota.used} of {quota.quota} application versions are used"
    return sentence


def _effect(settings: DeploymentSettings, instances: int, bundle_options: list[str]) -> str:
    if changed := [option for option in bundle_options if option not in settings.replacing_options]:
        blocked = ", which scheduled actions may block" if settings.scheduled_actions else ""
        return f"may replace the instances{blocked}, because .ebextensions set {', '.join(changed)}"
    if settings.policy == "AllAtOnce":
        alone = instances <= 1 and not settings.load_balanced
        why = "there is a single instance" if alone else "the policy is AllAtOnce"
        return f"takes the service down for a while: {why}"
    if settings.policy == "Rolling" and batch_size(settings.batch, instances) >= instances:
        return f"takes the service down for a while: a batch of {settings.batch} is the whole fleet"
    if settings.policy in IN_BATCHES:
        return f"keeps the service up: {settings.policy}, {settings.batch} of {instances} at a time"
    return f"keeps the service up: {settings.policy}"
