"""The line of an environment: the next deployment, those that never start, and holds, pauses and freezes."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.samples import NEW, NOW, OLD, baking, deploying, queued, standing
from wardrop.configuration.rules import Rules
from wardrop.deployments.asked import Asked
from wardrop.deployments.line import deployment_to_advance, next_in_line, obstacle, superseded
from wardrop.deployments.standing import Hold
from wardrop.deployments.state import State, WaitKind, WaitsFor
from wardrop.deployments.steps import End

HELD = Hold(by="jane", at=datetime(2026, 1, 2, tzinfo=UTC), because="rolled back")
URGENT = Asked(by="jane", at=NOW, because="the fix", now=True)
REQUESTED = Asked(by="jane", at=NOW)
ROLLBACK = Asked(by="jane", at=NOW, rollback=True)
FRIDAY = "Thu 16:00 - Mon 08:00"


class TestNextInLine:
    OLDER, NEWER = queued("a", OLD, minutes=0), queued("b", NEW, minutes=1)

    def test_the_newest_drop_is_next_in_whatever_order_the_events_came(self):
        assert next_in_line([self.OLDER, self.NEWER]) is self.NEWER
        assert next_in_line([self.NEWER, self.OLDER]) is self.NEWER
        assert next_in_line([]) is None

    def test_a_request_goes_before_newer_drops_and_both_are_deployed(self):
        request, drop = queued("d-1", asked=REQUESTED), queued("d-2", minutes=5)
        assert deployment_to_advance([drop, request]) is request
        assert superseded([drop, request], standing()) == []

    def test_a_deployment_that_has_begun_continues(self):
        begun = deploying(name="d-0")
        assert deployment_to_advance([queued("d-1", asked=URGENT), begun]) is begun

    def test_a_deployment_that_only_bakes_makes_way_for_an_urgent_request(self):
        begun = baking(name="d-0")
        assert deployment_to_advance([begun, queued("d-1")]) is begun
        assert deployment_to_advance([begun, queued("d-1", asked=REQUESTED)]) is begun
        urgent = queued("d-1", asked=ROLLBACK)
        assert deployment_to_advance([begun, urgent]) is urgent

    def test_no_deployment_is_in_hand_if_none_is_active(self):
        assert deployment_to_advance([]) is None


class TestSuperseded:
    OLDER, NEWER = queued("a", OLD, minutes=0), queued("b", NEW, minutes=1)

    def test_of_several_waiting_drops_the_newest_stays_and_the_others_end_with_a_reason(self):
        [(ended, end)] = superseded([self.NEWER, self.OLDER], standing())
        assert ended is self.OLDER
        assert end == End(
            State.SUPERSEDED, f"{NEW} was uploaded after {OLD} and takes its place in the queue of shop-staging"
        )

    def test_a_drop_that_was_uploaded_before_the_deployed_one_never_starts(self):
        [(ended, end)] = superseded([self.OLDER], standing(newest=self.NEWER.arrival))
        assert ended is self.OLDER
        assert end.reason == f"a version that was uploaded after {OLD} has already been processed for shop-staging"

    def test_the_newest_started_drop_may_be_started_again(self):
        assert superseded([self.NEWER], standing(newest=self.NEWER.arrival)) == []

    def test_a_drop_from_before_a_request_is_superseded_by_it(self):
        drop, request = queued("d-1", "shop-3", -5), queued("d-2", minutes=-60, asked=REQUESTED)
        [(ended, end)] = superseded([drop, request], standing())
        assert ended is drop
        assert (
            end.reason == "shop-2.0 was requested by jane after shop-3 and takes its place in the queue of shop-staging"
        )

    def test_a_new_request_for_an_old_version_is_not_superseded(self):
        request = queued("d-1", minutes=-600, asked=REQUESTED)
        assert superseded([request], standing(newest=queued().arrival)) == []

    @given(
        st.lists(st.tuples(st.integers(0, 5), st.sampled_from("abc")), max_size=8, unique_by=lambda one: one),
        st.none() | st.integers(0, 5),
    )
    def test_at_most_one_drop_stays_and_it_is_the_newest_of_all(self, arrivals, newest):
        waiting = [queued(f"{name}{minutes}", minutes=minutes) for minutes, name in arrivals]
        started = None if newest is None else queued(minutes=newest).arrival
        ended = superseded(waiting, standing(newest=started))
        left = [one for one in waiting if one.id not in {deployment.id for deployment, _ in ended}]
        assert len(left) <= 1
        assert all(one is next_in_line(waiting) for one in left)
        assert all(started is None or one.arrival >= started for one in left)
        assert bool(left) == any(started is None or one.arrival >= started for one in waiting)
        assert all(end.state is State.SUPERSEDED and end.reason for _, end in ended)


class TestObstacle:
    @pytest.mark.parametrize(
        ("known", "rules", "reason", "waits_for"),
        [
            (
                standing(hold=HELD),
                Rules(),
                "held since 2026-01-02 00:00 UTC by jane: rolled back",
                WaitsFor(WaitKind.HELD, "jane", HELD.at),
            ),
            (
                standing(paused=HELD),
                Rules(),
                "paused since 2026-01-02 00:00 UTC by jane",
                WaitsFor(WaitKind.PAUSED, "jane", HELD.at),
            ),
            (standing(), Rules(freeze=[FRIDAY]), f"frozen: {FRIDAY}", WaitsFor(WaitKind.FROZEN, FRIDAY)),
        ],
    )
    def test_a_drop_waits_and_the_reason_names_the_obstacle(self, known, rules, reason, waits_for):
        wait = obstacle(queued(rules=rules), known, NOW)
        assert reason in wait.reason
        assert wait.waits_for == waits_for

    @pytest.mark.parametrize("asked", [URGENT, ROLLBACK])
    def test_an_urgent_request_passes_every_obstacle(self, asked):
        assert (
            obstacle(queued(asked=asked, rules=Rules(freeze=[FRIDAY])), standing(hold=HELD, paused=HELD), NOW) is None
        )

    def test_any_request_passes_the_hold_and_waits_for_the_end_of_a_pause(self):
        assert obstacle(queued(asked=REQUESTED), standing(hold=HELD), NOW) is None
        assert obstacle(queued(asked=REQUESTED), standing(paused=HELD), NOW).waits_for.kind is WaitKind.PAUSED


@pytest.mark.parametrize(("because", "added"), [("a migration", ": a migration"), ("", "")])
def test_the_reason_of_a_wait_ends_with_the_reason_of_the_hold(because, added):
    step = obstacle(queued(), standing().held(Hold(by="jane", at=NOW, because=because, label=OLD)), NOW)
    assert step.reason == f"shop-staging has been held since 2026-01-02 03:04 UTC by jane{added}"
