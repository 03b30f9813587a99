"""Decides whether the configuration lets a deployment start, or holds it, or requires an approval."""

from dataclasses import replace

from wardrop.configuration.in_force import InForce
from wardrop.configuration.parameter import Fault
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.situation import Situation
from wardrop.deployments.state import WaitKind, WaitsFor
from wardrop.deployments.steps import AskApproval, Wait
from wardrop.structs import replace as with_fields


def with_configuration(situation: Situation, loaded: InForce) -> Situation:
    """The situation with the rules that are in force at the start of the deployment.

    The rules are pinned when the deployment is queued. If they could not be read at that time, they are pinned at the
    start. An approval is required if the pinned rules or the configuration in force require an approval.
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
    """A rollback that a user requested needs no approval, so it starts even if the configuration cannot be read."""
    return deployment.is_requested_rollback


def barrier(situation: Situation) -> Wait | AskApproval | None:
    """The step that delays the start. None: the configuration lets the deployment start."""
    deployment, loaded = situation.deployment, situation.configuration
    if _is_exempt(deployment):
        return None
    if loaded is not None and (fault := loaded.why_held):
        return _waits(f"{deployment.label} is held", deployment, fault)
    return AskApproval(approval_sentence(deployment)) if deployment.needs_approval else None


def promotion_barrier(good: Deployment, loaded: InForce) -> Wait | None:
    """The step that delays the promotion of a good version. None: the configuration states the next stage.

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
