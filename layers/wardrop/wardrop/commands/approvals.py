"""Approves or declines a deployment that waits for approval."""

from wardrop.alerts.kinds import Kind
from wardrop.commands.answers import Refusal
from wardrop.commands.caller import Caller
from wardrop.commands.refusals import because, no_such_deployment
from wardrop.commands.requests import Approve, Decline
from wardrop.commands.snapshot import Accepted, EnvironmentSnapshot
from wardrop.deployments import line
from wardrop.deployments.announcement import alert_of
from wardrop.deployments.asked import Approval
from wardrop.deployments.change import Change
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.state import State
from wardrop.foreign_text import for_command


def approve(request: Approve, caller: Caller, snapshot: EnvironmentSnapshot) -> Accepted | Refusal:
    deployment = _deployment_to_decide_on(request, snapshot)
    if isinstance(deployment, Refusal):
        return deployment
    reason = f"{deployment.label} is approved for {snapshot.name} by {caller.name}"
    approval = Approval(by=caller.name, principal=caller.principal, at=caller.at)
    approved = deployment.approved(approval, reason)
    alert = alert_of(approved, Kind.DEPLOYMENT_APPROVED)
    return Accepted(reason, Change([approved], alerts=[alert]), deployment=approved.id)


def decline(request: Decline, caller: Caller, snapshot: EnvironmentSnapshot) -> Accepted | Refusal:
    deployment = _deployment_to_decide_on(request, snapshot)
    if isinstance(deployment, Refusal):
        return deployment
    reason = f"{deployment.label} is declined for {snapshot.name} by {caller.name}{because(request.because)}"
    declined = deployment.moved(State.DECLINED, reason, caller.at)
    return Accepted(reason, Change([declined], alerts=[alert_of(declined)]))


def _deployment_to_decide_on(request: Approve | Decline, snapshot: EnvironmentSnapshot) -> Deployment | Refusal:
    same_label = [deployment for deployment in snapshot.waiting if deployment.label == request.label]
    candidate = line.next_in_line(deployment for deployment in same_label if deployment.awaits_approval)
    if candidate is None:
        return _nothing_to_approve(request, same_label, snapshot)
    for superseded, end in line.superseded(snapshot.waiting, snapshot.standing):
        if superseded.id == candidate.id:
            return Refusal(reason=end.reason, advice=f"see the waiting deployments: wardrop status {snapshot.name}")
    return candidate


def _nothing_to_approve(
    request: Approve | Decline, same_label: list[Deployment], snapshot: EnvironmentSnapshot
) -> Refusal:
    approved = next((deployment for deployment in same_label if deployment.approval), None)
    if approved is None or approved.approval is None:
        return no_such_deployment(snapshot, request.label, "is waiting for approval")
    cancel = f"wardrop cancel {snapshot.name} {for_command(request.label)}"
    return Refusal(
        reason=f"{request.label} has already been approved for {snapshot.name} by {approved.approval.by}",
        advice=f"no action is needed; to cancel the deployment before it begins: {cancel}",
    )
