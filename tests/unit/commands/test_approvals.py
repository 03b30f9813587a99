"""The people who may approve or decline a deployment."""

from typing import Any

import pytest

from tests.unit.commands.samples import STAGING, accepted, caller, refused, snapshot
from tests.unit.samples import APPROVAL, NEW, queued
from wardrop.alerts.kinds import Kind
from wardrop.commands.approvals import approve, decline
from wardrop.commands.requests import Approve, Decline
from wardrop.configuration.rules import Rules
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.state import State

RULES = Rules(approval_required=True, approvers=["arn:aws:iam::123456789012:role/release-*"])
ROLE = "arn:aws:iam::123456789012:role/release-managers"
APPROVE, DECLINE = Approve(environment=STAGING, label=NEW), Decline(environment=STAGING, label=NEW)


def waiting(**differs: Any) -> Deployment:
    plain: dict[str, Any] = {"rules": RULES, "state": State.AWAITING_APPROVAL}
    return queued("d-1", **(plain | differs))


def test_an_approval_names_the_caller_and_the_role_that_aws_proves():
    decision = accepted(approve(APPROVE, caller(), snapshot(waiting())))
    change = decision.change
    [approved] = change.deployments
    assert decision.deployment == approved.id
    assert approved.state is State.QUEUED
    assert (approved.approval.by, approved.approval.principal) == ("release-managers (session jane)", ROLE)
    assert [alert.kind for alert in change.alerts] == [Kind.DEPLOYMENT_APPROVED]


def test_a_deployment_is_declined_with_who_and_why():
    request = Decline(environment=STAGING, label=NEW, because="not today")
    [declined] = accepted(decline(request, caller(), snapshot(waiting()))).change.deployments
    assert (declined.state, declined.reason) == (
        State.DECLINED,
        "shop-2.0 is declined for shop-staging by release-managers (session jane): not today",
    )


@pytest.mark.parametrize("state", [State.QUEUED, State.AWAITING_APPROVAL])
def test_a_deployment_that_needs_approval_can_be_decided_on_before_wardrop_asks_for_it(state):
    assert accepted(decline(DECLINE, caller(), snapshot(waiting(state=state))))


def test_an_approved_deployment_cannot_be_approved_again():
    approved = waiting(state=State.QUEUED, approval=APPROVAL)
    reason = "shop-2.0 has already been approved for shop-staging by release-managers (session jane)"
    refused(approve(APPROVE, caller(), snapshot(approved)), reason)


def test_a_superseded_deployment_cannot_be_approved():
    refused(approve(APPROVE, caller(), snapshot(waiting(), queued("d-2", "shop-3", 5))), "shop-3 was uploaded after")


def test_a_label_that_does_not_wait_is_refused_with_what_happened_to_it():
    none = approve(APPROVE, caller(), snapshot())
    refused(none, "no deployment of shop-2.0 to shop-staging is waiting for approval")
    ended = queued(state=State.FAILED, reason="it failed")
    refused(approve(APPROVE, caller(), snapshot(finished=[ended])), "; the last deployment is failed: it failed")
