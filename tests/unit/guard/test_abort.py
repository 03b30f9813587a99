"""The decision to abort somebody else's update."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.guard.samples import DRAFT, IN_BATCHES, OPTIONS, ROLLING, STARTED_AT, guarded
from tests.unit.samples import NOW, THEIR_REQUEST, environment, seconds
from wardrop.environments.operation import STALE, Operation
from wardrop.environments.settings import SettingsAndDraft
from wardrop.guard.abort import EARLY, AbortOutcome, AbortSituation, decide
from wardrop.guard.guarded_update import AbortState
from wardrop.guard.ownership import Ownership

UPDATING = environment(status="Updating", is_abortable=True)


def situation(**differs: Any) -> AbortSituation:
    """Somebody else's update, which began ten seconds ago and has changed no instance."""
    plain: dict[str, Any] = {
        "update": guarded(),
        "environment": UPDATING,
        "operation": Operation(THEIR_REQUEST, STARTED_AT),
        "ownership": Ownership.FOREIGN,
        "sets": SettingsAndDraft(OPTIONS, DRAFT),
        "now": NOW,
    }
    return AbortSituation(**(plain | differs))


def operation(**differs: Any) -> Operation:
    return Operation(**({"request_id": THEIR_REQUEST, "started_at": STARTED_AT} | differs))


def test_an_update_that_has_touched_nothing_is_aborted():
    assert decide(situation()).state is AbortState.CLAIMED


@pytest.mark.parametrize(
    ("differs", "reason"),
    [
        ({"environment": None}, "terminated"),
        ({"environment": environment(id="e-9", status="Updating", is_abortable=True)}, "terminated"),
        ({"environment": environment(), "operation": operation(has_ended=True)}, "is over"),
        ({"environment": environment(), "operation": operation(started_at=NOW - STALE)}, "is over"),
        ({"environment": environment(status="Updating")}, "does not allow"),
        ({"operation": None}, "do not show the update"),
        ({"operation": operation(request_id="later")}, "another operation"),
        ({"operation": operation(is_managed=True)}, "managed platform update"),
        ({"operation": operation(removed=("i-1",))}, "1 instance removed and 0 launched already"),
        ({"operation": operation(launched=("i-1",))}, "1 launched already"),
        ({"operation": operation(replaced_load_balancer=True)}, "load balancer has been deleted"),
        ({"ownership": Ownership.OURS}, "Wardrop started the update"),
        ({"ownership": Ownership.UNANSWERED}, "no response is recorded"),
        ({"ownership": Ownership.OVERLAPPING}, "may be Wardrop's own, because it started while a deployment"),
        ({"sets": None}, "does not show the settings"),
        ({"sets": SettingsAndDraft(OPTIONS)}, "does not show the settings"),
    ],
)
def test_it_is_left_alone_with_a_reason(differs, reason):
    decision = decide(situation(**differs))
    assert decision.state is AbortState.LEFT
    assert reason in decision.reason


def test_an_environment_that_may_still_be_shown_as_before_the_update_is_looked_at_again():
    decision = decide(situation(environment=environment(), sets=None))
    assert decision.state is AbortState.REQUESTED
    assert "may still show the environment as it was before" in decision.reason


class TestRevertingAllAtOnce:
    """Beanstalk reverts with the method of the last successful update."""

    def old(self, options: dict[tuple[str, str], str]) -> AbortSituation:
        started_at = NOW - EARLY - seconds(1)
        sets = SettingsAndDraft(options, options | DRAFT)
        return situation(operation=operation(started_at=started_at), sets=sets)

    def test_an_update_that_is_not_young_any_more_is_left_alone(self):
        decision = decide(self.old(OPTIONS))
        assert decision.state is AbortState.LEFT
        assert "may replace all instances at once, because rolling updates are disabled" in decision.reason

    def test_the_policy_in_force_counts_and_not_the_pending_one(self):
        sets = SettingsAndDraft(OPTIONS, DRAFT | IN_BATCHES)
        late = operation(started_at=NOW - EARLY - seconds(1))
        assert decide(situation(operation=late, sets=sets)).state is AbortState.LEFT

    def test_a_policy_that_nobody_knows_counts_as_all_at_once(self):
        unknown = OPTIONS | {(ROLLING, "RollingUpdateEnabled"): "true", (ROLLING, "RollingUpdateType"): "New"}
        assert decide(self.old(unknown)).state is AbortState.LEFT

    def test_in_batches_the_age_does_not_matter(self):
        assert decide(self.old(OPTIONS | IN_BATCHES)).state is AbortState.CLAIMED


class TestLostAnswers:
    """The function was killed after the call to AbortEnvironmentUpdate."""

    @pytest.mark.parametrize(
        ("shown", "seconds_ago", "state"),
        [
            (environment(status="Aborting"), 5, AbortState.ABORTED),
            (UPDATING, 29, AbortState.REQUESTED),
            (UPDATING, 30, AbortState.LEFT),
            (environment(), 5, AbortState.REQUESTED),
            (None, 5, AbortState.LEFT),
        ],
    )
    def test_it_is_never_called_again(self, shown, seconds_ago, state):
        claimed = guarded(abort=AbortState.CLAIMED, claimed_at=NOW - seconds(seconds_ago))
        assert decide(situation(update=claimed, environment=shown)).state is state

    @pytest.mark.parametrize(
        ("shown", "outcome"),
        [
            (environment(status="Aborting"), AbortOutcome.ABORTING),
            (environment(), AbortOutcome.NOT_KNOWN),
            (None, AbortOutcome.NOT_KNOWN),
        ],
    )
    def test_neither_the_call_nor_its_effect_is_stated_as_a_fact(self, shown, outcome):
        claimed = guarded(abort=AbortState.CLAIMED, claimed_at=NOW)
        decision = decide(situation(update=claimed, environment=shown, operation=operation(has_ended=True)))
        assert decision.outcome == outcome
        assert "no response to a call to AbortEnvironmentUpdate is recorded" in decision.reason


instances = st.lists(st.sampled_from(["i-1", "i-2"]), unique=True, max_size=2).map(tuple)
situations = st.builds(
    AbortSituation,
    update=st.builds(
        guarded, abort=st.sampled_from([AbortState.REQUESTED, AbortState.CLAIMED]), claimed_at=st.just(STARTED_AT)
    ),
    environment=st.one_of(
        st.none(),
        st.builds(
            environment,
            id=st.sampled_from(["e-1", "e-9"]),
            status=st.sampled_from(["Ready", "Updating", "Aborting"]),
            is_abortable=st.booleans(),
        ),
    ),
    operation=st.one_of(
        st.none(),
        st.builds(
            Operation,
            request_id=st.sampled_from([THEIR_REQUEST, "later"]),
            started_at=st.sampled_from([STARTED_AT, NOW - 2 * EARLY]),
            is_managed=st.booleans(),
            launched=instances,
            removed=instances,
            replaced_load_balancer=st.booleans(),
        ),
    ),
    ownership=st.sampled_from(Ownership),
    sets=st.one_of(
        st.none(),
        st.builds(
            SettingsAndDraft,
            in_force=st.sampled_from([OPTIONS, OPTIONS | IN_BATCHES]),
            pending=st.sampled_from([None, DRAFT]),
        ),
    ),
    now=st.just(NOW),
)


@given(situations)
def test_only_a_foreign_update_that_was_read_in_full_and_has_touched_nothing_is_aborted(situation):
    if decide(situation).state is not AbortState.CLAIMED:
        return
    update, shown, newest, sets = situation.update, situation.environment, situation.operation, situation.sets
    assert update.abort is AbortState.REQUESTED
    assert shown is not None
    assert newest is not None
    assert sets is not None
    assert (shown.id, newest.request_id) == (update.environment_id, update.request_id)
    assert situation.ownership is Ownership.FOREIGN
    assert not newest.is_managed
    assert sets.pending is not None
    assert shown.is_abortable
    assert not newest.has_replaced_instances
    assert not newest.replaced_load_balancer
    assert sets.in_force is not OPTIONS or NOW - newest.started_at <= EARLY


@given(situations)
def test_every_decision_that_is_final_has_a_reason(situation):
    assert decide(situation).reason
