"""Rules for the decisions on all requests in all states of an environment."""

from datetime import timedelta
from typing import Any, assert_never

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.commands.samples import STAGING, caller, target, version
from tests.unit.samples import (
    NEW,
    NOW,
    OLD,
    baking,
    deploying,
    environment,
    good,
    instance,
    queued,
    rolling_back,
    unanswered,
)
from wardrop.commands.answers import Refusal
from wardrop.commands.approvals import approve, decline
from wardrop.commands.cancel import cancel
from wardrop.commands.deploy import deploy
from wardrop.commands.pause import pause, resume
from wardrop.commands.requests import (
    Approve,
    Cancel,
    Decline,
    Deploy,
    EnvironmentRequest,
    Pause,
    Resume,
    Rollback,
)
from wardrop.commands.rollback import rollback
from wardrop.commands.snapshot import Accepted, EnvironmentSnapshot
from wardrop.configuration.rules import Rules
from wardrop.deployments import line
from wardrop.deployments.asked import Asked
from wardrop.deployments.standing import Hold, QuarantinedVersion, Standing
from wardrop.deployments.state import State

TARGET = target(
    rules=Rules(approval_required=True),
    created_at={OLD: NOW - timedelta(days=2), NEW: NOW - timedelta(days=1), "shop-3": NOW},
)


def decide(request: EnvironmentRequest, snapshot: EnvironmentSnapshot) -> Accepted | Refusal:
    jane = caller(minutes=9)
    match request:
        case Deploy():
            return deploy(request, jane, snapshot, TARGET, version(request.label))
        case Rollback():
            return rollback(request, jane, snapshot, TARGET)
        case Approve():
            return approve(request, jane, snapshot)
        case Decline():
            return decline(request, jane, snapshot)
        case Cancel():
            return cancel(request, jane, snapshot)
        case Pause():
            return pause(request, jane, snapshot)
        case Resume():
            return resume(jane, snapshot)
        case _:
            assert_never(request)


labels = st.sampled_from([OLD, NEW, "shop-3"])
requests = st.one_of(
    st.builds(Deploy, environment=st.just(STAGING), label=labels, now=st.booleans(), because=st.just("why")),
    st.builds(Rollback, environment=st.just(STAGING), to=st.none() | labels),
    st.builds(Approve, environment=st.just(STAGING), label=labels),
    st.builds(Decline, environment=st.just(STAGING), label=labels),
    st.builds(Cancel, environment=st.just(STAGING), label=st.none() | labels),
    st.builds(Pause, environment=st.just(STAGING)),
    st.builds(Resume, environment=st.just(STAGING)),
)
askers = st.none() | st.builds(Asked, by=st.just("joe"), at=st.just(NOW), now=st.booleans(), rollback=st.booleans())
running_deployments = st.none() | st.builds(
    lambda make, label, asked: make(name="d-0", label=label, asked=asked),
    st.sampled_from([deploying, baking, rolling_back, unanswered]),
    labels,
    askers,
)
waiting_deployments = st.lists(
    st.builds(
        lambda number, label, asked, state: queued(
            f"d-{number}",
            label,
            number,
            asked=asked,
            state=state,
            rules=Rules(approval_required=state is not State.QUEUED),
        ),
        st.integers(1, 3),
        labels,
        askers,
        st.sampled_from([State.QUEUED, State.AWAITING_APPROVAL]),
    ),
    unique_by=lambda deployment: deployment.id,
)
holds = st.none() | st.just(Hold(by="joe", at=NOW, because="why"))
standings = st.builds(
    Standing,
    environment=st.just(STAGING),
    newest=st.none() | st.just(queued().arrival),
    good=st.lists(labels.map(good), unique_by=lambda version: version.label),
    quarantined=st.lists(labels.map(lambda label: QuarantinedVersion(label=label, at=NOW, because="why")), max_size=1),
    hold=holds,
    paused=holds,
)
fleets = st.none() | st.lists(labels.map(lambda label: instance(1, label)), max_size=2)


@given(requests, running_deployments, waiting_deployments, standings, fleets)
def test_a_refusal_explains_itself_and_an_accepted_request_begins_no_deployment(
    request: EnvironmentRequest, running: Any, waiting: Any, standing: Standing, fleet: Any
) -> None:
    """A request changes no running deployment and no good versions. Only looks at Beanstalk change them."""
    active = [*([running] if running else []), *waiting]
    decision = decide(request, EnvironmentSnapshot(STAGING, standing, active, environment(), fleet))
    if isinstance(decision, Refusal):
        assert decision.reason
        assert decision.advice
        return
    change = decision.change
    assert decision.text
    assert change.alerts
    assert len({alert.alert_id for alert in change.alerts}) == len(change.alerts)
    assert running not in change.deployments
    assert all(deployment.is_waiting or not deployment.is_active for deployment in change.deployments)
    changed = {deployment.id: deployment for deployment in change.deployments}
    after = [changed.pop(deployment.id, deployment) for deployment in active] + list(changed.values())
    assert sum(deployment.is_active and not deployment.is_waiting for deployment in after) == (running is not None)
    approved = [deployment.id for deployment in active]
    assert list(changed) == [each for each in (decision.deployment,) if each is not None and each not in approved]
    if change.standing is not None:
        assert (change.standing.good, change.standing.newest) == (standing.good, standing.newest)
    for new in changed.values():
        new_standing = change.standing or standing
        assert new_standing.quarantine_of(new.label) is None
        assert new.needs_approval is not new.asked.rollback
        assert line.next_in_line([deployment for deployment in after if deployment.is_waiting]).id == new.id
        assert new.id not in {ended.id for ended, _ in line.superseded([new], new_standing)}
        is_good = new.label in {version.label for version in new_standing.good}
        assert isinstance(request, Deploy) or (is_good and new_standing.hold)
