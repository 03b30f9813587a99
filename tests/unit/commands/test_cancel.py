"""The deployments that a person may cancel."""

from tests.unit.commands.samples import STAGING, accepted, caller, refused, snapshot
from tests.unit.samples import NEW, NOW, deploying, queued, standing
from wardrop.alerts.kinds import Kind
from wardrop.commands.cancel import cancel
from wardrop.commands.requests import Cancel
from wardrop.deployments.standing import Hold
from wardrop.deployments.state import State

EVERYTHING = Cancel(environment=STAGING)


def test_waiting_deployments_are_cancelled_and_running_ones_are_not():
    change = accepted(cancel(EVERYTHING, caller(), snapshot(deploying(name="d-1"), queued("d-2", "shop-3", 5)))).change
    assert [(deployment.label, deployment.state) for deployment in change.deployments] == [("shop-3", State.CANCELLED)]
    assert [alert.kind for alert in change.alerts] == [Kind.DEPLOYMENT_CANCELLED]


def test_a_deployment_that_instances_may_already_run_is_not_cancelled():
    refusal = cancel(EVERYTHING, caller(), snapshot(deploying()))
    refused(refusal, "instances of shop-staging may already run shop-2.0, and an abort would leave different versions")
    assert refusal.advice == "wait until the deployment ends, or roll it back: wardrop rollback shop-staging"


def test_a_deployment_that_still_changes_settings_is_cancelled_and_the_settings_stay():
    decision = accepted(cancel(EVERYTHING, caller(), snapshot(deploying(state=State.PREPARING))))
    assert decision.text == (
        "shop-2.0 will not be deployed to shop-staging; "
        "Wardrop has already begun to change the environment's settings, and does not undo this change"
    )


def test_the_answer_says_that_a_hold_remains():
    held = standing(hold=Hold(by="joe", at=NOW, because="why"))
    text = accepted(cancel(EVERYTHING, caller(), snapshot(queued(), standing=held))).text
    assert text.endswith("the environment remains held until it is resumed")


def test_only_the_named_label_is_cancelled():
    request = Cancel(environment=STAGING, label=NEW)
    decision = accepted(cancel(request, caller(), snapshot(queued("d-1"), queued("d-2", "shop-3", 5))))
    assert [deployment.label for deployment in decision.change.deployments] == [NEW]
    refused(cancel(request, caller(), snapshot(queued("d-2", "shop-3"))), "no deployment of shop-2.0 to shop-staging")


def test_without_a_waiting_deployment_it_is_refused():
    refused(cancel(EVERYTHING, caller(), snapshot()), "no deployment to shop-staging is waiting")
