"""Reports once that a deployment starts late or ends late. The deployment continues."""

from datetime import datetime, timedelta

from wardrop.alerts.duration import lasting
from wardrop.deployments.situation import Situation
from wardrop.deployments.state import State, WaitKind
from wardrop.deployments.steps import Remind, Wait
from wardrop.environments import deployment_policy

LONG_NOT_READY = timedelta(hours=1)
"""The time after which Wardrop reports that a deployment still waits for its environment."""


def remind(situation: Situation, step: Wait) -> Remind | None:
    deployment = situation.deployment
    if deployment.reminded:
        return None
    if deployment.update is None:
        return _starts_late(situation, step)
    if deployment.state is State.BAKING:
        return _bakes_late(situation, step, deployment.update.claimed_at)
    return _ends_late(situation, step, deployment.update.claimed_at)


def _starts_late(situation: Situation, step: Wait) -> Remind | None:
    deployment, environment = situation.deployment, situation.environment
    if step.waits_for.kind is not WaitKind.NOT_READY:
        return None
    if deployment.is_waiting and step.waits_for != deployment.waits_for:
        return None
    waited = situation.now - deployment.history[-1].at
    if waited < LONG_NOT_READY:
        return None
    stack = f"awseb-{environment.id}-stack"
    waits = f"{deployment.target_label} has waited for {lasting(waited)}"
    reason = f"{waits}, and {environment.name} is {environment.status}"
    return Remind(f"{reason}; check the environment and its CloudFormation stack {stack}")


def _ends_late(situation: Situation, step: Wait, claimed_at: datetime) -> Remind | None:
    elapsed, deadline = situation.now - claimed_at, _deadline(situation)
    if elapsed < deadline:
        return None
    proof = f"{situation.deployment.target_label} is not proven after {lasting(elapsed)}"
    return Remind(f"{proof}, although the deadline was {lasting(deadline)}: {step.reason}")


def _bakes_late(situation: Situation, step: Wait, claimed_at: datetime) -> Remind | None:
    """A baking version that cannot be proven is reported when the deadline and the bake time have passed."""
    elapsed, deadline = situation.now - claimed_at, _deadline(situation) + situation.deployment.rules.bake
    if elapsed < deadline:
        return None
    proof = f"{situation.deployment.target_label} is not proven after {lasting(elapsed)}"
    limit = f"the deadline, including the bake time, was {lasting(deadline)}"
    return Remind(f"{proof}, although {limit}: {step.reason}")


def _deadline(situation: Situation) -> timedelta:
    configured, settings = situation.deployment.rules.deadline, situation.deployment.settings
    if configured is not None:
        return configured
    if settings is None:
        return LONG_NOT_READY
    return deployment_policy.deadline(settings, situation.fleet.size(settings.min_size))
