"""The record of a deployment: its moves, and the changes of its parts."""

import re
from datetime import timedelta

import pytest

from tests.unit.samples import NEW, NOW, ROOT, deploying, environment, queued, rollback, seconds, unanswered, update
from wardrop.deployments.deployment import CLOCK_SKEW, Moment
from wardrop.deployments.state import MOVES, State
from wardrop.deployments.update import Timers
from wardrop.environments.model import Progress
from wardrop.guard.ownership import Ownership


def test_the_diagram_shows_the_moves_that_the_code_allows():
    text = (ROOT / "docs/architecture.md").read_text()
    edges = re.findall(r"^    (\w+) --> (\w+)", text, re.MULTILINE)
    drawn = {state: {State(after) for before, after in edges if before == state} for state in MOVES}
    assert drawn == {state: set(after) for state, after in MOVES.items()}
    assert len(edges) == len(set(edges)) == sum(map(len, MOVES.values()))


@pytest.mark.parametrize("state", State)
def test_no_deployment_makes_a_move_that_the_table_does_not_have(state):
    for after in State:
        if after is state or after in MOVES.get(state, ()):
            assert queued(state=state).moved(after, "why", NOW).state is after
        else:
            with pytest.raises(ValueError, match="cannot go from"):
                queued(state=state).moved(after, "why", NOW)


def test_a_claim_starts_all_timers_again_and_keeps_the_settings():
    before = queued(timers=Timers(absent_since=NOW))
    claimed = before.claiming(update(request_id=None), None)
    assert (claimed.timers, claimed.update.request_id) == (Timers(), None)
    assert claimed.answered("r-1").update.request_id == "r-1"


def test_an_answer_without_a_claim_is_an_error():
    with pytest.raises(ValueError, match="no update that could be answered"):
        queued().answered("r-1")


def test_baking_has_no_progress():
    halfway = deploying(update=update(progress=Progress(done=1, instances=2)))
    assert halfway.baking("it is live", NOW, NOW).update.progress is None


def test_a_rollback_is_another_update_with_its_own_reminder_and_lost_answers():
    late = deploying(reminded=True, lost_answers=2, timers=Timers(good_since=NOW))
    back = late.rolling_back(rollback(), "it failed", NOW)
    assert (back.update, back.reminded, back.lost_answers, back.timers) == (None, False, 0, Timers())
    assert back.target_label == "shop-1.0"
    assert back.label == NEW


def test_the_worked_example_of_the_clock_skew_holds():
    baked_at = NOW + timedelta(minutes=5)
    deployment = queued(history=[Moment(NOW, State.DEPLOYING, ""), Moment(baked_at, State.BAKING, "")])
    assert deployment.was_updating_at(NOW - seconds(20))
    assert deployment.was_updating_at(baked_at + seconds(20))
    assert not deployment.was_updating_at(baked_at + seconds(40))
    assert not deployment.was_updating_at(NOW - CLOCK_SKEW - seconds(1))


class TestOwnership:
    """Whether an operation is an update of the deployment."""

    def test_a_request_of_its_own_is_ours_however_long_ago_it_was_made(self):
        deployment = deploying().answered("second")
        assert deployment.ownership("second", NOW - seconds(3600)) is Ownership.OURS

    def test_while_an_answer_is_outstanding_any_operation_may_be_ours(self):
        assert unanswered().ownership("another", NOW) is Ownership.UNANSWERED

    def test_an_operation_that_began_during_its_update_overlaps(self):
        deployment = deploying().moved(State.DEPLOYING, "the update was requested", NOW)
        assert deployment.ownership("another", NOW + seconds(60)) is Ownership.OVERLAPPING
        assert deployment.ownership("another", NOW - seconds(60)) is Ownership.FOREIGN

    @pytest.mark.parametrize(("skew", "is_sure"), [(30, True), (31, False)])
    def test_an_update_in_progress_is_surely_ours_if_it_began_when_we_claimed_it(self, skew, is_sure):
        deployment = deploying(update=update(claimed_at=NOW))
        assert deployment.is_updating(environment(status="Updating", updated_at=NOW + seconds(skew))) is is_sure
        assert not deployment.is_updating(environment(updated_at=NOW))
