"""A deployment's life, look by look, and what holds whatever Beanstalk shows."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.samples import (
    NEW,
    NOW,
    OLD,
    OUR_REQUEST,
    SETTLE,
    THEIR_REQUEST,
    completed,
    deploying,
    environment,
    instance,
    queued,
    rollback,
    seconds,
    standing,
    started,
    unanswered,
    update,
)
from wardrop.configuration.duration import Duration
from wardrop.configuration.rules import Rules
from wardrop.deployments.deployment import Deployment, Timers, UnacceptableHealth
from wardrop.deployments.lifecycle import ABSENT, UNANSWERED, advance, next_in_line, superseded
from wardrop.deployments.standing import Standing
from wardrop.deployments.state import State
from wardrop.deployments.steps import Adopt, Deploy, End, Recheck, Report, Requeue, Step, Wait
from wardrop.environments.model import UPDATE_FAILED, UPDATE_STARTS, UPDATE_SUCCEEDED, Event, Health, Observed, Progress


def step(deployment: Deployment, events=(), instances=None, now=NOW, **shown) -> Step:
    return advance(deployment, standing(), Observed(environment(**shown), events, instances), SETTLE, now)


class TestProgress:
    """Of a rolling deployment, whenever another batch is done."""

    fleet = (instance(1, NEW), instance(2, OLD))

    def test_it_is_told_once_each_time_it_changes(self):
        found = step(deploying(), instances=self.fleet, status="Updating")
        assert isinstance(found, Report)
        assert found.progress == Progress(done=1, instances=2)
        told = deploying(update=update(progress=found.progress))
        assert isinstance(step(told, instances=self.fleet, status="Updating"), Wait)

    def test_what_had_the_label_before_is_no_progress(self):
        before = tuple(instance(n, NEW, deployment_id=7) for n in (1, 2))
        assert isinstance(step(deploying(), instances=before, status="Updating"), Wait)

    @pytest.mark.parametrize("fleet", [(), (instance(1, NEW),), None])
    def test_no_fleet_has_none(self, fleet):
        assert isinstance(step(deploying(), instances=fleet, status="Updating"), Wait)


class TestQueued:
    def test_it_starts_once_the_environment_is_ready(self):
        found = step(queued())
        assert isinstance(found, Deploy)
        assert OLD in found.reason

    def test_it_starts_where_there_is_no_version_yet(self):
        assert isinstance(step(queued(), version_label=None), Deploy)

    @pytest.mark.parametrize("status", ["Updating", "Launching", "Aborting", "LinkingFrom", "LinkingTo"])
    def test_it_waits_while_the_environment_is_not_ready_and_says_so(self, status):
        assert step(queued(), status=status) == Wait(f"shop-staging is {status}; waiting until it is Ready")

    def test_it_starts_whatever_the_health_is(self):
        assert isinstance(step(queued(), health=Health.SEVERE), Deploy)

    def test_an_environment_of_another_application_is_not_deployed_to(self):
        assert step(queued(), application="mall") == End(State.FAILED, "shop-staging belongs to application mall now")


@pytest.mark.parametrize("make", [queued, deploying])
class TestAbsent:
    """Beanstalk hides what a role may not see instead of refusing."""

    def test_one_empty_answer_ends_nothing(self, make):
        found = advance(make(), standing(), Observed(None), SETTLE, NOW)
        assert isinstance(found, Recheck)
        assert found.timers.absent_since == NOW

    def test_absence_that_lasts_fails_it(self, make):
        end = advance(make(timers=Timers(absent_since=NOW)), standing(), Observed(None), SETTLE, NOW + ABSENT)
        assert isinstance(end, End)
        assert end.state is State.FAILED
        assert "Beanstalk shows no environment shop-staging" in end.reason

    def test_it_is_forgotten_when_the_environment_is_seen_again(self, make):
        assert step(make(timers=Timers(absent_since=NOW)), status="Updating") == Recheck(
            step(make(), status="Updating").reason, Timers()
        )


class TestSuperseding:
    OLDER, NEWER = queued("a", OLD, minutes=0), queued("b", NEW, minutes=1)

    def test_the_newest_drop_is_next_however_the_events_came(self):
        assert next_in_line([self.OLDER, self.NEWER]) is self.NEWER
        assert next_in_line([self.NEWER, self.OLDER]) is self.NEWER
        assert next_in_line([]) is None

    def test_of_several_waiting_drops_the_newest_wins_and_the_others_say_why(self):
        [(ended, end)] = superseded([self.NEWER, self.OLDER], Standing(environment="shop-staging"))
        assert ended is self.OLDER
        assert end == End(State.SUPERSEDED, f"{NEW} was uploaded after {OLD} and goes to shop-staging instead")

    def test_a_drop_that_was_uploaded_before_what_was_deployed_never_starts(self):
        standing = Standing(environment="shop-staging", newest=self.NEWER.arrival)
        [(ended, end)] = superseded([self.OLDER], standing)
        assert ended is self.OLDER
        assert end.reason == f"{OLD} was uploaded before what has been deployed to shop-staging since"

    def test_what_was_started_last_may_be_started_again(self):
        standing = Standing(environment="shop-staging", newest=self.NEWER.arrival)
        assert superseded([self.NEWER], standing) == []

    @given(
        st.lists(st.tuples(st.integers(0, 5), st.sampled_from("abc")), max_size=8, unique_by=lambda one: one),
        st.none() | st.integers(0, 5),
    )
    def test_at_most_one_waits_on_and_it_is_the_newest_of_all(self, arrivals, newest):
        waiting = [queued(f"{name}{minutes}", minutes=minutes) for minutes, name in arrivals]
        begun = None if newest is None else queued(minutes=newest).arrival
        ended = superseded(waiting, Standing(environment="shop-staging", newest=begun))
        left = [one for one in waiting if one.id not in {deployment.id for deployment, _ in ended}]
        assert len(left) <= 1
        assert all(one is next_in_line(waiting) for one in left)
        assert all(begun is None or one.arrival >= begun for one in left)
        assert bool(left) == any(begun is None or one.arrival >= begun for one in waiting)
        assert all(end.state is State.SUPERSEDED and end.reason for _, end in ended)


class TestALostAnswer:
    """Claimed, but nobody knows what UpdateEnvironment said."""

    BEGUN = started(NOW - timedelta(minutes=4))
    THEIRS = started(NOW - timedelta(minutes=4), THEIR_REQUEST)

    def test_an_update_under_which_instances_get_our_version_is_ours(self):
        found = step(unanswered(), [self.BEGUN], [instance(1), instance(2, OLD)], status="Updating")
        assert isinstance(found, Adopt)
        assert found.request_id == OUR_REQUEST

    def test_it_is_ours_as_well_where_it_failed_on_its_first_instance(self):
        fleet = [instance(1, status="Failed"), instance(2, OLD)]
        assert isinstance(step(unanswered(), [self.BEGUN], fleet), Adopt)

    def test_our_version_under_an_earlier_deployment_proves_nothing(self):
        fleet = [instance(1, deployment_id=7)]
        assert isinstance(step(unanswered(), [self.BEGUN], fleet, status="Updating"), Wait)

    def test_an_update_under_which_instances_get_another_version_is_somebody_elses(self):
        fleet = [instance(1, "shop-9", deployment_id=8), instance(2, OLD)]
        found = step(unanswered(), [self.THEIRS], fleet, status="Updating")
        assert found == Requeue("somebody else's update of shop-staging came first")

    def test_whose_an_update_is_may_not_show_yet(self):
        found = step(unanswered(), [self.BEGUN], [instance(1, OLD)], status="Updating")
        assert isinstance(found, Wait)
        assert "whose it is shows in its instances" in found.reason

    def test_while_the_environment_still_shows_ready_from_before_it_is_waited_for(self):
        assert isinstance(step(unanswered(), [self.BEGUN], [instance(1, OLD)]), Wait)

    def test_an_update_that_is_over_and_brought_no_version_was_somebody_elses(self):
        found = step(unanswered(), [self.THEIRS], [instance(1, OLD)], updated_at=NOW)
        assert isinstance(found, Requeue)

    def test_with_nothing_begun_it_is_looked_for_during_two_minutes_and_then_called_again(self):
        just = unanswered(update=update(request_id=None, claimed_at=NOW - UNANSWERED + seconds(1)))
        assert isinstance(step(just), Wait)
        found = step(unanswered(update=update(request_id=None, claimed_at=NOW - UNANSWERED)))
        assert found == Requeue("UpdateEnvironment gave no answer and began nothing; calling it again")

    def test_with_nothing_begun_it_is_not_called_again_while_the_environment_is_not_ready(self):
        assert isinstance(step(unanswered(), status="Updating"), Wait)

    def test_events_without_a_request_id_are_nobodys(self):
        nobodys = Event(at=NOW, message=UPDATE_STARTS, severity="INFO", request_id=None)
        assert isinstance(step(unanswered(), [nobodys], []), Requeue)

    def test_with_basic_health_the_label_tells_once_it_is_over(self):
        over = {"updated_at": NOW, "reports_instances": False}
        assert isinstance(step(unanswered(), [self.BEGUN], status="Updating", **over), Wait)
        assert isinstance(step(unanswered(), [self.BEGUN], version_label=NEW, **over), Adopt)
        assert isinstance(step(unanswered(), [self.THEIRS], version_label="shop-9", **over), Requeue)

    def test_a_replaced_environment_ends_it(self):
        end = advance(unanswered(), standing(), Observed(environment(id="e-2")), SETTLE, NOW)
        assert isinstance(end, End)
        assert end.state is State.FAILED

    def test_it_is_not_repeated_without_end(self):
        over = {"version_label": "shop-9", "updated_at": NOW, "reports_instances": False}
        end = step(unanswered(lost_answers=2), [self.THEIRS], **over)
        assert isinstance(end, End)
        assert end.state is State.FAILED

    def test_without_a_claim_nothing_can_have_begun(self):
        assert step(unanswered(update=None)) == Requeue("nothing had been claimed")


class TestConcluding:
    OVER = (started(), completed(NOW - SETTLE))

    @pytest.mark.parametrize(
        ("expected", "shown", "fleet"),
        [
            (State.SUCCEEDED, {"version_label": NEW}, [instance(1)]),
            (State.ROLLED_BACK, {"version_label": OLD}, [instance(1, OLD)]),
            (State.FAILED, {"version_label": OLD}, [instance(1, "shop-0.9")]),
        ],
    )
    def test_a_verdict_ends_it(self, expected, shown, fleet):
        end = step(deploying(), self.OVER, fleet, updated_at=NOW, **shown)
        assert isinstance(end, End)
        assert end.state is expected

    def test_another_version_put_there_by_somebody_else_supersedes_it(self):
        theirs = started(NOW, THEIR_REQUEST)
        fleet = [instance(1, "hotfix-1")]
        end = step(deploying(), [*self.OVER, theirs], fleet, updated_at=NOW, version_label="hotfix-1")
        assert isinstance(end, End)
        assert end.state is State.SUPERSEDED

    def test_what_is_undecided_is_waited_for(self):
        assert isinstance(step(deploying(), self.OVER, [], version_label=NEW, updated_at=NOW), Wait)

    def test_three_looks_at_bad_health_over_bad_for_fail_it(self):
        deployment, now = deploying(), NOW
        taken = []
        for after in (0, 60, 120, 180):
            now = NOW + seconds(after)
            found = step(
                deployment,
                self.OVER,
                [instance(1)],
                now,
                version_label=NEW,
                health=Health.SEVERE,
                updated_at=NOW,
            )
            taken.append(type(found))
            if isinstance(found, Recheck):
                deployment = deploying(timers=found.timers)
        assert taken == [Recheck, Recheck, Recheck, End]


labels = st.sampled_from([OLD, NEW, "shop-9", None])
moments = st.integers(-7200, 7200).map(lambda after: NOW + seconds(after))
environments = st.builds(
    environment,
    id=st.sampled_from(["e-1", "e-1", "e-1", "e-2"]),
    status=st.sampled_from(["Ready", "Ready", "Ready", "Updating", "Launching", "Aborting"]),
    health=st.sampled_from(Health),
    version_label=labels,
    updated_at=moments,
    reports_instances=st.booleans(),
)
instances = st.builds(
    lambda label, status, deployment_id: instance(1, label, status, deployment_id=deployment_id),
    labels,
    st.sampled_from(["Deployed", "Deployed", "In Progress", "Failed", None]),
    st.integers(0, 10),
)
events = st.builds(
    Event,
    at=moments,
    message=st.sampled_from([UPDATE_STARTS, UPDATE_SUCCEEDED, *UPDATE_FAILED, "Anything else."]),
    severity=st.sampled_from(["INFO", "INFO", "INFO", "WARN", "ERROR", "FATAL"]),
    request_id=st.sampled_from([OUR_REQUEST, OUR_REQUEST, THEIR_REQUEST, None]),
)
observations = st.builds(
    Observed,
    st.none() | environments,
    st.lists(events, max_size=5),
    st.none() | st.lists(instances, max_size=3),
)
deployments = st.builds(
    queued,
    state=st.sampled_from([*State, State.DEPLOYING, State.DEPLOYING, State.DEPLOYING]),
    update=st.none()
    | st.builds(
        update,
        claimed_at=moments,
        health=st.sampled_from(Health),
        environment_updated_at=moments,
        request_id=st.sampled_from([None, OUR_REQUEST, OUR_REQUEST]),
    ),
    timers=st.builds(
        Timers, unacceptable=st.none() | st.builds(UnacceptableHealth, since=moments, looks=st.integers(0, 5))
    ),
    rollback=st.none() | st.just(rollback()),
    rules=st.builds(
        Rules,
        bad_for=st.sampled_from([Duration(0), Duration(minutes=1), Duration(minutes=3)]),
        accept=st.lists(st.sampled_from(Health), max_size=4).map(tuple),
        bake=st.sampled_from([Duration(0), Duration(minutes=2)]),
    ),
).filter(lambda deployment: deployment.rollback is None or deployment.state is State.ROLLING_BACK)
likely_good = st.builds(
    Observed,
    st.builds(
        environment,
        version_label=labels,
        updated_at=moments,
        health=st.sampled_from([Health.OK, Health.INFO]),
    ),
    st.lists(events, max_size=3).map(lambda more: [started(), *more, completed(NOW - SETTLE)]),
    st.none() | st.lists(st.just(instance(1)) | instances, max_size=3),
)


class TestWhateverBeanstalkShows:
    @settings(max_examples=120)
    @given(deployments, observations)
    def test_a_look_always_leads_to_a_step_with_a_reason(self, deployment, observed):
        assert advance(deployment, standing(), observed, SETTLE, NOW).reason

    @settings(max_examples=120)
    @given(deployments | st.just(deploying()), observations | likely_good)
    def test_it_never_succeeds_without_proof(self, deployment, observed):
        found = advance(deployment, standing(), observed, SETTLE, NOW)
        if not (isinstance(found, End) and found.state is State.SUCCEEDED):
            return
        assert deployment.update is not None
        assert deployment.update.request_id is not None
        assert observed.environment is not None
        assert observed.environment.is_ready
        assert observed.environment.version_label == deployment.label
        assert not any(one.is_error and one.request_id == deployment.update.request_id for one in observed.events)
        if observed.instances is None:
            assert "instances unproven" in found.reason
        else:
            assert observed.instances
            assert all(one.runs(deployment.label) for one in observed.instances)

    def test_a_proof_is_among_what_is_tried(self):
        found = step(deploying(), [started(), completed()], [instance(1)], version_label=NEW, updated_at=NOW)
        assert isinstance(found, End)
        assert found.state is State.SUCCEEDED

    @settings(max_examples=120)
    @given(observations)
    def test_update_environment_is_called_for_a_queued_deployment_on_a_ready_environment_alone(self, observed):
        found = advance(queued(), standing(), observed, SETTLE, NOW)
        ready = observed.environment is not None and observed.environment.is_ready
        assert isinstance(found, Deploy) == ready

    @settings(max_examples=120)
    @given(deployments, observations)
    def test_what_is_being_deployed_is_never_deployed_again_before_its_claim_is_void(self, deployment, observed):
        found = advance(deployment, standing(), observed, SETTLE, NOW)
        unclaimed = deployment.update is None and deployment.state is State.ROLLING_BACK
        assert (
            not isinstance(found, Deploy) or deployment.is_waiting or unclaimed or deployment.state is State.PREPARING
        )

    @settings(max_examples=120)
    @given(observations)
    def test_health_alone_fails_nothing_at_the_first_look(self, observed):
        """Silence, starting and stopping are no evidence either."""
        found = advance(
            deploying(rules=Rules(bake=Duration(0), bad_for=Duration(0))), standing(), observed, SETTLE, NOW
        )
        if isinstance(found, End) and found.state is State.FAILED:
            shown = observed.environment
            assert (
                shown is None
                or shown.id != "e-1"
                or shown.version_label != NEW
                or any(
                    (one.is_error or one.message.startswith(UPDATE_FAILED)) and one.request_id == OUR_REQUEST
                    for one in observed.events
                )
                or any(
                    one.deployment_status == "Failed" or one.version_label not in (None, NEW)
                    for one in observed.instances or ()
                )
            )
