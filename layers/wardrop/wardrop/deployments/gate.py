"""Decides whether the configuration lets a deployment start, holds it, or requires an approval."""

from dataclasses import replace

from wardrop.configuration.in_force import InForce
from wardrop.configuration.parameter import Fault
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.situation import Situation
from wardrop.deployments.state import WaitKind, WaitsFor
from wardrop.deployments.steps import AskApproval, Wait
from wardrop.structs import replace as with_fields


def with_configuration(situation: Situation, loaded: InForce) -> Situation:
    """Returns the situation with the rules that apply when the deployment starts.

    The rules are pinned when the deployment is queued. If they could not be read at that time, they are pinned when the
    deployment starts. An approval is required if the pinned rules or the current configuration require one.
    """
    deployment, configuration = situation.deployment, loaded.configuration
    if configuration is None or _is_exempt(deployment):
        return replace(situation, configuration=loaded)
    pinned = deployment.rules
    if pinned.not_read is not None:
        rules = configuration.rules(deployment.environment, pinned.not_read.on_failure)
    else:
        current = configuration.rules(deployment.environment)
        required = pinned.approval_required or current.approval_required
        rules = with_fields(pinned, approval_required=required, approvers=current.approvers)
    return replace(situation, deployment=with_fields(deployment, rules=rules), configuration=loaded)


def _is_exempt(deployment: Deployment) -> bool:
    """A rollback that a user requested needs no approval. It starts even if the configuration cannot be read."""
    return deployment.is_requested_rollback


def barrier(situation: Situation) -> Wait | AskApproval | None:
    """Returns the step that delays the start, or None if the configuration lets the deployment start."""
    deployment, loaded = situation.deployment, situation.configuration
    if _is_exempt(deployment):
        return None
    if loaded is not None and (fault := loaded.why_held):
        return _waits(f"{deployment.label} is held", deployment, fault)
    return AskApproval(approval_sentence(deployment)) if deployment.needs_approval else None


def promotion_barrier(good: Deployment, loaded: InForce) -> Wait | None:
    """Returns the step that delays the promotion of a good version, or None if the next stage is known.

    During the delay, Wardrop continues to check the version's health.
    """
    if fault := loaded.why_held:
        return _waits(f"{good.label} is good in {good.environment}, but its promotion is held", good, fault)
    return None


def _waits(consequence: str, deployment: Deployment, fault: Fault) -> Wait:
    cause = f"the configuration of {deployment.application} {fault.sentence}"
    return Wait(f"{consequence}, because {cause}", WaitsFor(WaitKind.CONFIGURATION, fault.kind))


def approval_sentence(deployment: Deployment) -> str:
    who = f" by {' or '.join(deployment.rules.approvers)}" if deployment.rules.approvers else ""
    return f"{deployment.label} waits to be approved for {deployment.environment}{who}"
