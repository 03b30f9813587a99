"""Plans the changes that a bundle's `.ebextensions` make in the environment."""

from dataclasses import replace

from wardrop.deployments.replacement import NOT_READ, BundleFiles, Replacement, replacement_of
from wardrop.deployments.situation import Situation
from wardrop.environments.settings import DeploymentSettings
from wardrop.guard.descriptions import recorded
from wardrop.guard.plan import Plan, plan
from wardrop.guard.proposal import Proposal, recorded_in_force


def bundle_plan(situation: Situation) -> tuple[Plan | None, Replacement | None]:
    """Returns the plan, and the replacement that the plan predicts.

    If the bundle's files or the settings in force were not read, the plan is None, and the replacement is NOT_READ.
    """
    files, settings = situation.files, situation.settings
    if files is None or settings is None:
        return None, NOT_READ
    planned = _plan(situation, files, settings)
    return planned, replacement_of(planned, files)


def _plan(situation: Situation, files: BundleFiles, settings: DeploymentSettings) -> Plan:
    """Returns the most harmful of the possible plans.

    After a failed deployment, the settings of any of several versions may be in force. Wardrop makes a plan for each of
    these versions.
    """
    instances = len(situation.fleet.instances) or None
    are_known = None not in files.running.values()
    doubts = [files.doubt.reason] if files.doubt and are_known else []

    def with_running(running: Proposal | None) -> Plan:
        in_force = recorded_in_force(settings, instances, situation.environment.id, running)
        unread = [f"in the running version, {reason}" for reason in running.unread] if running else []
        return plan(replace(in_force, unread=(*in_force.unread, *unread, *doubts)), files.target, recorded())

    plans = [with_running(running) for running in files.running.values()] or [with_running(None)]
    return max(plans, key=lambda each: each.effect.harm)
