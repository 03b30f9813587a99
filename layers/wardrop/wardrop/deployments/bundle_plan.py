"""Plans the changes that a bundle's `.ebextensions` make in the environment."""

from dataclasses import replace

from wardrop.deployments.replacement import NOT_READ, BundleFiles, Replacement, replacement_of
from wardrop.deployments.situation import Situation
from wardrop.environments.settings import DeploymentSettings
from wardrop.guard.descriptions import recorded
from wardrop.guard.plan import Plan, plan
from wardrop.guard.proposal import Proposal, recorded_in_force

UNKNOWN_LABEL = ""
"""Of the version of an environment that shows no label, such as AWS's sample application."""


def running_labels(situation: Situation) -> list[str]:
    """The versions whose settings may be in force: after a deployment that failed half-way, more than one."""
    labels = {situation.environment.version_label or UNKNOWN_LABEL}
    labels |= {label for label in situation.fleet.labels if label}
    labels |= set(situation.standing.unsettled) - {situation.deployment.target_label}
    return sorted(labels)


def bundle_plan(situation: Situation) -> tuple[Plan | None, Replacement | None]:
    """The plan, and the replacement in it. If the files or the settings were not read, there is no plan, and a
    replacement is not excluded."""
    files, settings = situation.files, situation.settings
    if files is None or settings is None:
        return None, NOT_READ
    planned = _plan(situation, files, settings)
    return planned, replacement_of(planned, files)


def _plan(situation: Situation, files: BundleFiles, settings: DeploymentSettings) -> Plan:
    """The most harmful plan, if the settings of several versions may be in force.

    After a deployment that failed half-way, Beanstalk may have kept the settings of either version.
    """
    instances = len(situation.fleet.instances) or None

    def with_running(running: Proposal | None) -> Plan:
        in_force = recorded_in_force(settings, instances, situation.environment.id, running)
        unread = [f"of the running version, {reason}" for reason in running.unread] if running else []
        return plan(replace(in_force, unread=(*in_force.unread, *unread)), files.target, recorded())

    plans = [with_running(running) for running in files.running.values()] or [with_running(None)]
    return max(plans, key=lambda each: each.effect.harm)
