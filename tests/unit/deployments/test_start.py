"""What stands between a queued deployment and its start: people, policy, and who goes first."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.samples import (
    NEW,
    NOW,
    ROOT,
    SETTLE,
    baking,
    deploying,
    environment,
    event,
    good,
    instance,
    queued,
    standing,
    started,
    update,
)
from wardrop.configuration.duration import Duration
from wardrop.configuration.rules import Rules
from wardrop.deployments.deployment import Asked, Deployment
from wardrop.deployments.lifecycle import MOST_UNANSWERED, STUCK, UNANSWERED, advance, in_hand, superseded
from wardrop.deployments.standing import Hold, QuarantinedVersion, Standing
from wardrop.deployments.state import MOVES, State
from wardrop.deployments.steps import AskApproval, Deploy, End, Prepare, Remind, Step, Wait
from wardrop.environments.model import Observed
from wardrop.environments.settings import DeploymentSettings

HELD = Hold(by="jane", at=datetime(2026, 1, 2, tzinfo=UTC), because="rolled back")
FRIDAY = "Thu 16:00 - Mon 08:00"
PRESSED = Asked(by="jane", at=NOW, because="the fix", now=True)
WISHED = Asked(by="jane", at=NOW)
BACK = Asked(by="jane", at=NOW, rollback=True)


def settings(**differs) -> DeploymentSettings:
    return DeploymentSettings(**({"at": NOW, "load_balanced": True, "policy": "Rolling", "batch": "1"} | differs))


def look(deployment: Deployment, known: Standing | None = None, events=(), preflight=None, now=NOW, **shown) -> Step:
    seen = Observed(environment(**shown), events, [instance(1), instance(2)], preflight or settings())
    return advance(deployment, known or standing(), seen, SETTLE, now)


class TestWhatPeoplePutInTheWay:
    @pytest.mark.parametrize(
        ("known", "rules", "told"),
        [
            (standing(hold=HELD), Rules(), "held since 2026-01-02 00:00 UTC by jane: rolled back"),
            (standing(paused=HELD), Rules(), "paused since 2026-01-02 00:00 UTC by jane"),
            (standing(), Rules(freeze=[FRIDAY]), f"frozen: {FRIDAY}"),
        ],
    )
    def test_a_drop_waits_and_says_for_what(self, known, rules, told):
        found = look(queued(rules=rules), known)
        assert isinstance(found, Wait)
        assert told in found.reason

    @pytest.mark.parametrize("asked", [PRESSED, BACK])
    def test_whoever_presses_passes_all_of_it(self, asked):
        found = look(queued(asked=asked, rules=Rules(freeze=[FRIDAY])), standing(good(NEW), hold=HELD, paused=HELD))
        assert isinstance(found, Deploy)

    def test_what_a_person_asks_for_passes_the_hold_and_waits_for_the_rest(self):
        assert isinstance(look(queued(asked=WISHED), standing(hold=HELD)), Deploy)
        assert isinstance(look(queued(asked=WISHED), standing(paused=HELD)), Wait)

    def test_nobody_passes_approval(self):
        rules = Rules(approval_required=True, approvers=["arn:aws:iam::1:role/release-*"])
        for asked in (None, WISHED, PRESSED):
            found = look(queued(rules=rules, asked=asked))
            assert isinstance(found, AskApproval)
            assert "role/release-*" in found.reason

    def test_once_approved_it_starts(self):
        assert isinstance(look(queued(rules=Rules(approval_required=True), approved_by="jane")), Deploy)

    def test_a_version_that_was_quarantined_meanwhile_never_starts(self):
        known = standing(quarantined=[QuarantinedVersion(label=NEW, at=NOW, because="it failed")])
        found = look(queued(), known)
        assert isinstance(found, End)
        assert found.state is State.FAILED

    def test_an_environment_that_is_never_ready_is_told_once(self):
        waiting = queued(reason="shop-staging is Updating; waiting until it is Ready")
        assert isinstance(look(waiting, status="Updating", now=NOW + STUCK - timedelta(minutes=1)), Wait)
        found = look(waiting, status="Updating", now=NOW + STUCK)
        assert found == Remind(
            "shop-staging has been Updating for 1 h; somebody should look, "
            "also at its CloudFormation stack awseb-e-1-stack"
        )
        assert isinstance(look(queued(reminded=True, reason=waiting.reason), status="Updating", now=NOW + STUCK), Wait)


class TestPreparing:
    def preparing(self, **differs) -> Deployment:
        return deploying(**({"state": State.PREPARING} | differs))

    def test_all_at_once_is_changed_first_in_an_update_of_its_own(self):
        found = look(queued(), preflight=settings(policy="AllAtOnce", batch="100%"))
        assert isinstance(found, Prepare)
        assert found.options == {"DeploymentPolicy": "Rolling", "BatchSizeType": "Percentage", "BatchSize": "30"}

    def test_what_the_environment_cannot_have_is_not_deployed(self):
        found = look(queued(rules=Rules(policy="TrafficSplitting")))
        assert isinstance(found, End)
        assert "cannot be deployed as configured" in found.reason

    def test_it_goes_on_once_the_options_are_in_force_whoever_set_them(self):
        assert isinstance(look(self.preparing()), Deploy)
        assert isinstance(look(self.preparing(update=update(request_id=None))), Deploy)

    def test_it_waits_while_they_are_being_changed(self):
        assert isinstance(look(self.preparing(), status="Updating"), Wait)
        just_called = self.preparing(update=update(claimed_at=NOW))
        assert isinstance(look(just_called, preflight=settings(policy="AllAtOnce")), Wait)

    def test_a_change_that_fails_ends_it_with_beanstalks_words(self):
        events = [started(), event("Failed to deploy configuration.", severity="ERROR")]
        found = look(self.preparing(), events=events, preflight=settings(policy="AllAtOnce"))
        assert found == End(
            State.FAILED, "the settings of shop-staging could not be changed: Failed to deploy configuration"
        )

    def test_a_change_that_led_to_nothing_is_made_again_a_few_times(self):
        old = update(claimed_at=NOW - max(SETTLE, UNANSWERED))
        again = look(self.preparing(update=old), preflight=settings(policy="AllAtOnce"))
        assert isinstance(again, Prepare)
        tired = self.preparing(update=old, lost_answers=MOST_UNANSWERED - 1)
        found = look(tired, preflight=settings(policy="AllAtOnce"))
        assert isinstance(found, End)
        assert "3 times in vain" in found.reason

    def test_another_environment_under_the_name_ends_it(self):
        assert isinstance(look(self.preparing(), id="e-2"), End)


class TestOverdue:
    def test_a_deadline_that_passes_is_told_once_and_ends_nothing(self):
        late = deploying(rules=Rules(deadline=Duration(seconds=60)))
        found = look(late, status="Updating")
        assert found == Remind("shop-2.0 is not live after 5 min, and was to be after 1 min")
        assert not isinstance(
            look(deploying(rules=Rules(deadline=Duration(seconds=60)), reminded=True), status="Updating"), Remind
        )

    def test_without_one_it_comes_from_policy_batches_and_timeout(self):
        slow = deploying(preflight=settings(), update=update(claimed_at=NOW - timedelta(minutes=43)))
        found = look(slow, status="Updating")
        assert isinstance(found, Remind)
        assert "was to be after 43 min" in found.reason
        assert not isinstance(look(deploying(preflight=settings()), status="Updating"), Remind)


class TestWhoGoesFirst:
    def test_what_a_person_asked_for_goes_before_newer_drops_and_both_happen(self):
        wish, drop = queued("d-1", asked=WISHED), queued("d-2", minutes=5)
        assert in_hand([drop, wish]) is wish
        assert superseded([drop, wish], standing()) == []

    def test_a_drop_from_before_the_wish_is_superseded_by_it(self):
        drop, wish = queued("d-1", "shop-3", -5), queued("d-2", minutes=-60, asked=WISHED)
        [(ended, end)] = superseded([drop, wish], standing())
        assert ended is drop
        assert end.reason == "shop-2.0 was asked for by jane after shop-3 and goes to shop-staging instead"

    def test_a_wish_for_an_old_version_is_no_old_wish(self):
        wish = queued("d-1", minutes=-600, asked=WISHED)
        assert superseded([wish], standing(newest=queued().arrival)) == []

    def test_what_has_begun_goes_on(self):
        begun = deploying(name="d-0")
        assert in_hand([queued("d-1", asked=PRESSED), begun]) is begun

    def test_what_only_bakes_makes_way_for_whoever_presses(self):
        begun = baking(name="d-0")
        assert in_hand([begun, queued("d-1")]) is begun
        assert in_hand([begun, queued("d-1", asked=WISHED)]) is begun
        pressing = queued("d-1", asked=BACK)
        assert in_hand([begun, pressing]) is pressing

    def test_nothing_is_in_hand_where_nothing_is_active(self):
        assert in_hand([]) is None


def test_the_reason_to_deploy_says_whether_the_service_stays_up():
    found = look(queued())
    assert found == Deploy(
        "shop-staging is Ready: shop-2.0 replaces shop-1.0; this keeps the service up: Rolling, 1 of 2 at a time"
    )


def test_the_diagram_shows_the_moves_that_the_code_allows():
    text = (ROOT / "docs/architecture.md").read_text()
    edges = re.findall(r"^    (\w+) --> (\w+)", text, re.MULTILINE)
    drawn = {state: {State(after) for before, after in edges if before == state} for state in MOVES}
    assert drawn == {state: set(after) for state, after in MOVES.items()}
    assert len(edges) == len(set(edges)) == sum(map(len, MOVES.values()))


@pytest.mark.parametrize("state", State)
def test_no_deployment_moves_where_the_table_has_no_move(state):
    for after in State:
        allowed = after is state or after in MOVES.get(state, ())
        if allowed:
            assert queued(state=state).moved(after, "why", NOW).state is after
        else:
            with pytest.raises(ValueError, match="cannot go from"):
                queued(state=state).moved(after, "why", NOW)


def test_a_rollback_that_was_asked_for_does_not_go_to_an_environment_made_anew_since():
    asked = Asked(by="jane", at=NOW, rollback=True)
    found = look(queued(asked=asked), standing(good(NEW, environment_id="e-0")))
    assert isinstance(found, End)
    assert found.reason.startswith("shop-2.0 has not been good there: shop-staging is another one than when")
