"""The recovery of a lost answer: the claim is written, but the answer of UpdateEnvironment is not known."""

from datetime import timedelta

from tests.unit.samples import (
    NEW,
    NOW,
    OLD,
    OUR_REQUEST,
    THEIR_REQUEST,
    fleet,
    instance,
    rolling_back,
    seconds,
    situation,
    started,
    unanswered,
    update,
)
from wardrop.deployments.recover import ANSWER_MAY_SHOW, NO_RESPONSE, needs, recover
from wardrop.deployments.situation import Need
from wardrop.deployments.state import State, WaitKind, WaitsFor
from wardrop.deployments.steps import Adopt, End, Requeue, Wait
from wardrop.environments.events import UPDATE_STARTS
from wardrop.environments.fleet import BASIC_HEALTH
from wardrop.environments.model import Event

BEGUN = started(NOW - timedelta(minutes=4))
THEIRS = started(NOW - timedelta(minutes=4), THEIR_REQUEST)
OF_NOBODY = (
    "an update of shop-staging started, but nothing shows that it deploys shop-2.0; it is not known who started it"
)


class TestWhoseUpdateItIs:
    def test_an_update_that_brings_our_version_to_an_instance_is_ours(self):
        step = recover(
            situation(unanswered(), events=[BEGUN], fleet=fleet(instance(1), instance(2, OLD)), status="Updating")
        )
        assert isinstance(step, Adopt)
        assert step.request_id == OUR_REQUEST

    def test_it_is_ours_if_it_failed_on_its_first_instance(self):
        failed = fleet(instance(1, status="Failed"), instance(2, OLD))
        assert isinstance(recover(situation(unanswered(), events=[BEGUN], fleet=failed)), Adopt)

    def test_our_version_under_an_earlier_deployment_id_proves_nothing(self):
        earlier = fleet(instance(1, deployment_id=7))
        step = recover(situation(unanswered(), events=[BEGUN], fleet=earlier, status="Updating"))
        assert isinstance(step, Wait)

    def test_an_update_that_brings_another_version_to_an_instance_is_somebody_elses(self):
        theirs = fleet(instance(1, "shop-9", deployment_id=8), instance(2, OLD))
        step = recover(situation(unanswered(), events=[THEIRS], fleet=theirs, status="Updating"))
        assert step == Requeue("somebody else's update of shop-staging started first")

    def test_while_no_instance_has_changed_the_update_may_be_anybodys(self):
        step = recover(situation(unanswered(), events=[BEGUN], fleet=fleet(instance(1, OLD)), status="Updating"))
        assert isinstance(step, Wait)
        assert "the instances will show whether Wardrop started it" in step.reason

    def test_ready_from_before_the_update_is_not_its_end(self):
        assert isinstance(recover(situation(unanswered(), events=[BEGUN], fleet=fleet(instance(1, OLD)))), Wait)

    def test_of_an_update_that_ended_and_brought_no_version_it_is_not_known_who_started_it(self):
        ended = situation(unanswered(), events=[THEIRS], fleet=fleet(instance(1, OLD)), updated_at=NOW)
        assert recover(ended) == Requeue(OF_NOBODY)

    def test_the_previous_version_under_a_higher_deployment_id_does_not_show_who_started_the_update(self):
        settings = fleet(instance(1, OLD, deployment_id=8))
        step = recover(situation(unanswered(), events=[THEIRS], fleet=settings, status="Updating"))
        assert step == Requeue(OF_NOBODY)

    def test_with_basic_health_the_label_decides_after_the_end(self):
        over = {"updated_at": NOW, "reports_instances": False, "fleet": BASIC_HEALTH}
        assert isinstance(recover(situation(unanswered(), events=[BEGUN], status="Updating", **over)), Wait)
        assert isinstance(recover(situation(unanswered(), events=[BEGUN], version_label="shop-2.0", **over)), Adopt)
        assert isinstance(recover(situation(unanswered(), events=[THEIRS], version_label="shop-9", **over)), Requeue)


class TestNoUpdate:
    def test_it_is_awaited_for_two_minutes_and_the_call_is_then_repeated(self):
        just = unanswered(update=update(request_id=None, claimed_at=NOW - ANSWER_MAY_SHOW + seconds(1)))
        assert isinstance(recover(situation(just)), Wait)
        step = recover(situation(unanswered(update=update(request_id=None, claimed_at=NOW - ANSWER_MAY_SHOW))))
        assert step == Requeue(f"{NO_RESPONSE}, and no update has started; Wardrop tries again")

    def test_it_is_awaited_for_settle_if_that_is_shorter(self):
        settle = seconds(30)
        just = unanswered(update=update(request_id=None, claimed_at=NOW - settle + seconds(1)))
        assert isinstance(recover(situation(just, settle=settle)), Wait)
        long_ago = unanswered(update=update(request_id=None, claimed_at=NOW - settle))
        assert isinstance(recover(situation(long_ago, settle=settle)), Requeue)

    def test_the_call_is_not_repeated_while_the_environment_is_not_ready(self):
        assert isinstance(recover(situation(unanswered(), status="Updating")), Wait)

    def test_events_without_a_request_id_do_not_count(self):
        event = Event(at=NOW, message=UPDATE_STARTS, severity="INFO", request_id=None)
        assert isinstance(recover(situation(unanswered(), events=[event], fleet=fleet())), Requeue)

    def test_without_a_claim_no_update_can_have_started(self):
        assert recover(situation(unanswered(update=None))) == Requeue(
            "Wardrop has recorded no update for this deployment"
        )


def test_a_recreated_environment_ends_it():
    reason = "shop-staging was terminated before shop-2.0 was deployed"
    assert recover(situation(unanswered(), id="e-2")) == End(State.FAILED, reason)
    back = rolling_back(update=update(request_id=None))
    assert recover(situation(back, id="e-2")).state is State.ROLLBACK_FAILED


def test_after_three_lost_answers_it_fails():
    over = {"version_label": "shop-9", "updated_at": NOW, "reports_instances": False, "fleet": BASIC_HEALTH}
    end = recover(situation(unanswered(lost_answers=2), events=[THEIRS], **over))
    assert isinstance(end, End)
    assert end.state is State.FAILED
    assert "tried 3 times to call UpdateEnvironment, without success" in end.reason


def test_events_and_instances_are_needed_in_any_state_of_the_environment():
    for status in ("Ready", "Updating"):
        assert needs(situation(unanswered(), status=status)) == Need.EVENTS | Need.INSTANCES


class TestTheSteps:
    """Compares complete steps, because people read the reason, and the next look depends on the other fields."""

    LOST = WaitsFor(WaitKind.LOST_ANSWER)

    def test_an_update_of_ours(self):
        reported = fleet(instance(1), instance(2, OLD))
        assert recover(situation(unanswered(), events=[BEGUN], fleet=reported, status="Updating")) == Adopt(
            OUR_REQUEST,
            "no response to Wardrop's call is recorded; the update that started at 03:00:05 deploys shop-2.0, so it "
            "counts as Wardrop's",
        )

    def test_an_update_of_ours_with_basic_health(self):
        over = {"updated_at": NOW, "reports_instances": False, "fleet": BASIC_HEALTH}
        assert recover(situation(unanswered(), events=[BEGUN], version_label=NEW, **over)) == Adopt(
            OUR_REQUEST,
            "no response to Wardrop's call is recorded, but the environment now has the version shop-2.0, so the "
            "update counts as Wardrop's",
        )

    def test_the_new_label_shows_an_update_of_ours_before_the_instances_report_it(self):
        over = {"updated_at": NOW, "fleet": fleet(instance(1, OLD), instance(2, OLD))}
        assert isinstance(recover(situation(unanswered(), events=[BEGUN], version_label=NEW, **over)), Adopt)
        again = unanswered(update=update(request_id=None, version_label=NEW))
        assert isinstance(recover(situation(again, events=[BEGUN], version_label=NEW, **over)), Requeue)

    def test_an_update_of_which_nothing_is_known_yet(self):
        step = recover(situation(unanswered(), events=[BEGUN], fleet=fleet(instance(1, OLD)), status="Updating"))
        reason = "an update of shop-staging has started; the instances will show whether Wardrop started it"
        assert step == Wait(reason, self.LOST)

    def test_an_update_that_has_not_changed_the_environment_yet(self):
        step = recover(situation(unanswered(), events=[BEGUN], fleet=fleet(instance(1, OLD)), updated_at=BEGUN.at))
        reason = "an update of shop-staging has started; the instances will show whether Wardrop started it"
        assert step == Wait(reason, self.LOST)

    def test_no_update_yet(self):
        assert recover(situation(unanswered(), status="Updating")) == Wait(
            f"{NO_RESPONSE}; Wardrop checks whether an update has started", self.LOST
        )

    def test_the_last_of_three_calls(self):
        assert isinstance(recover(situation(unanswered(lost_answers=1))), Requeue)
        times = "Wardrop tried 3 times to call UpdateEnvironment, without success; the last time, "
        nothing = "no response from UpdateEnvironment is recorded, and no update has started"
        assert recover(situation(unanswered(lost_answers=2))) == End(State.FAILED, f"{times}{nothing}")
        theirs = situation(unanswered(lost_answers=2), events=[THEIRS], fleet=fleet(instance(1, OLD)), updated_at=NOW)
        assert recover(theirs) == End(State.FAILED, f"{times}{OF_NOBODY}")
