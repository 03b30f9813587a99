"""The record of a deployment: its moves, and the changes of its parts."""

import re

import pytest

from tests.unit.samples import (
    NEW,
    NOW,
    OLD,
    ROOT,
    deploying,
    environment,
    queued,
    rollback,
    seconds,
    unanswered,
    update,
)
from wardrop.deployments.asked import Approval, Asked
from wardrop.deployments.deployment import MOST_JOINED, Joined
from wardrop.deployments.ids import deployment_id
from wardrop.deployments.replacement import ReplacementRecord
from wardrop.deployments.standing import MAX_BECAUSE, Hold, QuarantinedVersion
from wardrop.deployments.state import MOVES, State, WaitKind, WaitsFor
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


def test_later_drops_of_the_same_content_are_remembered_up_to_a_limit():
    deployment = queued(minutes=1)
    for number in range(MOST_JOINED + 1):
        deployment = deployment.joined_by(Joined(drop=str(number), at=NOW), queued(minutes=number % 3).arrival)
    assert [joined.drop for joined in deployment.joined] == [str(number) for number in range(1, MOST_JOINED + 1)]
    assert deployment.arrival == queued(minutes=2).arrival
    assert deployment.drops == {deployment.drop, *map(str, range(1, MOST_JOINED + 1))}


def test_an_id_begins_with_the_time_and_differs_by_cause_and_environment():
    ids = [deployment_id(NOW, cause, name) for cause in ("drop-1", "drop-2") for name in ("shop-staging", "shop-prod")]
    assert all(re.fullmatch(r"20260102T030405000000-[0-9a-f]{8}", each) for each in ids)
    assert len(set(ids)) == 4


def test_without_an_update_there_is_no_progress():
    assert queued().progressed(Progress(done=1, instances=2)).update is None


@pytest.mark.parametrize("claimed", [None, update(request_id=None)])
def test_an_update_whose_answer_is_not_recorded_is_not_surely_ours(claimed):
    shown = environment(status="Updating", updated_at=update().claimed_at)
    assert not deploying(update=claimed).is_updating(shown)


def test_an_answer_without_a_claim_is_an_error():
    with pytest.raises(ValueError, match="no claimed update"):
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


def test_the_request_for_an_approval_of_a_replacement_keeps_what_was_announced():
    waiting = queued(
        replacement=ReplacementRecord(announced="r-1"), waits_for=WaitsFor(WaitKind.PROOF), update=update()
    )
    asking = waiting.awaiting_approval("r-1", "why", NOW)
    assert asking.replacement == ReplacementRecord(announced="r-1", asked="r-1")
    assert (asking.waits_for, asking.update) == (None, None)
    assert queued(replacement=asking.replacement).awaiting_approval(None, "why", NOW).replacement == asking.replacement


@pytest.mark.parametrize(("revision", "kept"), [(None, 3), (7, 7), (0, 0)])
def test_a_copy_without_the_claim_has_the_revision_of_the_written_claim(revision, kept):
    unclaimed = deploying(revision=3).unclaimed(revision)
    assert (unclaimed.revision, unclaimed.update) == (kept, None)


@pytest.mark.parametrize("state", [State.BAKING, State.SUCCEEDED])
def test_a_deployment_that_is_not_updating_owns_no_update_in_progress(state):
    deployment = deploying(state=state, update=update(claimed_at=NOW))
    assert not deployment.is_updating(environment(status="Updating", updated_at=NOW))


@pytest.mark.parametrize("text", ["\x1b[31mred", "a\u202eb", "line\nbreak"])
def test_texts_of_people_are_cleaned_in_every_field(text):
    records = [
        Asked(by=text, principal=text, at=NOW, because=text),
        Approval(by=text, principal=text, at=NOW),
        Joined(drop="d", at=NOW, dropped_by=text),
        rollback(because=text),
        Hold(by=text, at=NOW, because=text * 1000, label=OLD),
        QuarantinedVersion(label=OLD, at=NOW, because=text * 1000),
    ]
    for record in records:
        for field in {"by", "principal", "because", "dropped_by"} & set(record.__struct_fields__):
            cleaned = getattr(record, field)
            assert not set("\x1b\u202e\n") & set(cleaned), (record, field)
            assert len(cleaned) <= MAX_BECAUSE
