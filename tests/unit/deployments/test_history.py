"""The history of a deployment: the updates that it covers, and its limits."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.samples import NOW, seconds
from wardrop.deployments.history import CLOCK_SKEW, MOST_HISTORY_BYTES, MOST_MOMENTS, Moment, newest, was_updating_at
from wardrop.deployments.state import State


def test_the_worked_example_of_the_clock_skew_holds():
    baked_at = NOW + timedelta(minutes=5)
    history = [Moment(NOW, State.DEPLOYING, ""), Moment(baked_at, State.BAKING, "")]
    assert was_updating_at(history, NOW - seconds(20))
    assert was_updating_at(history, baked_at + seconds(20))
    assert not was_updating_at(history, baked_at + seconds(40))
    assert not was_updating_at(history, NOW - CLOCK_SKEW - seconds(1))


def test_an_update_without_an_end_is_still_in_progress():
    assert was_updating_at([Moment(NOW, State.DEPLOYING, "")], NOW + timedelta(days=1))


@given(st.lists(st.integers(0, MOST_HISTORY_BYTES), max_size=MOST_MOMENTS + 20))
def test_the_newest_moments_within_both_limits_are_kept(lengths):
    history = [Moment(NOW + seconds(number), State.QUEUED, "x" * length) for number, length in enumerate(lengths)]
    kept = newest(history)
    assert kept == history[len(history) - len(kept) :]
    assert len(kept) <= MOST_MOMENTS
    assert sum(moment.size for moment in kept) <= MOST_HISTORY_BYTES
    more = history[-len(kept) - 1 :] if len(kept) < len(history) else []
    assert not more or len(more) > MOST_MOMENTS or sum(moment.size for moment in more) > MOST_HISTORY_BYTES


def test_a_history_of_exactly_the_limit_is_kept():
    moment = Moment(NOW, State.QUEUED, "x" * 900)
    most = MOST_HISTORY_BYTES // moment.size
    assert (moment.size, most) == (1000, 150)
    assert newest([moment] * most) == [moment] * most
    assert newest([moment] * (most + 1)) == [moment] * most
    assert (
        newest([Moment(NOW, State.QUEUED, "")] * (MOST_MOMENTS + 1)) == [Moment(NOW, State.QUEUED, "")] * MOST_MOMENTS
    )


def test_the_tolerance_includes_its_limits():
    history = [Moment(NOW, State.DEPLOYING, ""), Moment(NOW + seconds(300), State.BAKING, "")]
    assert was_updating_at(history, NOW - CLOCK_SKEW)
    assert was_updating_at(history, NOW + seconds(300) + CLOCK_SKEW)
