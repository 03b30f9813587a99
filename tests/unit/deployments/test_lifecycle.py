"""The life of a deployment: missing environments, the readings of each look, and rules for all answers."""

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
    baking,
    completed,
    deploying,
    deployment_settings,
    environment,
    fleet,
    instance,
    queued,
    rollback,
    rolling_back,
    seconds,
    situation,
    started,
    unanswered,
    update,
)
from wardrop.configuration.check import Check
from wardrop.configuration.duration import Duration
from wardrop.configuration.rules import Rules
from wardrop.deployments import prove, recover, start, taking_back
from wardrop.deployments.lifecycle import ABSENT, advance, checks_due, needs, when_absent
from wardrop.deployments.situation import Need
from wardrop.deployments.state import State, WaitKind, WaitsFor
from wardrop.deployments.steps import Deploy, End, Recheck, Wait
from wardrop.deployments.update import Timers, UnacceptableHealth
from wardrop.environments.events import UPDATE_FAILED, UPDATE_STARTS, UPDATE_SUCCEEDED
from wardrop.environments.fleet import BASIC_HEALTH, NOT_READ, THROTTLED
from wardrop.environments.model import Event, Health
from wardrop.structs import replace as with_fields


@pytest.mark.parametrize("make", [queued, deploying])
class TestAbsence:
    """Beanstalk hides an environment that a role may not see, and does not refuse."""

    def test_one_empty_answer_ends_nothing(self, make):
        step = when_absent(make(), NOW)
        assert isinstance(step, Recheck)
        assert step.timers == Timers(absent_since=NOW)

    def test_absence_that_lasts_fails_the_deployment(self, make):
        end = when_absent(make(timers=Timers(absent_since=NOW)), NOW + ABSENT)
        assert isinstance(end, End)
        assert end.state is State.FAILED
        assert "Beanstalk has not listed shop-staging since" in end.reason

    def test_it_is_forgotten_when_the_environment_is_shown_again(self, make):
        reason = advance(situation(make(), status="Updating", fleet=NOT_READ)).reason
        absent = make(timers=Timers(absent_since=NOW))
        assert advance(situation(absent, status="Updating", fleet=NOT_READ)) == Recheck(reason, Timers())


def test_absence_that_lasts_fails_a_rollback_as_a_rollback():
    assert when_absent(rolling_back(timers=Timers(absent_since=NOW)), NOW + ABSENT).state is State.ROLLBACK_FAILED


def test_a_state_of_a_newer_wardrop_is_left_alone():
    ended = situation(queued(state=State.SUCCEEDED))
    assert needs(ended) is Need.NOTHING
    reason = "a newer version of Wardrop wrote the state succeeded; upgrade the stack"
    assert advance(ended) == Wait(reason, WaitsFor(WaitKind.NEWER_WARDROP))


@pytest.mark.parametrize("claimed", [None, update(request_id=None)])
def test_no_check_runs_before_the_answer_of_the_update_is_recorded(claimed):
    unanswered = deploying(update=claimed, rules=Rules(checks=(Check(http="/"),)))
    live = situation(unanswered, events=[started(), completed()], version_label=NEW, updated_at=NOW)
    assert checks_due(live) is None


@pytest.mark.parametrize(
    ("deployment", "needed", "decide"),
    [
        (queued(), start.needs, start.start),
        (queued(state=State.AWAITING_APPROVAL), start.needs, start.start),
        (deploying(state=State.PREPARING), start.needs_when_prepared, start.after_preparing),
        (deploying(update=None), recover.needs, recover.recover),
        (unanswered(), recover.needs, recover.recover),
        (rolling_back(update=None), taking_back.needs, taking_back.redeploy_target),
        (rolling_back(update=update(request_id=None)), recover.needs, recover.recover),
        (deploying(), prove.needs, prove.prove),
        (baking(), prove.needs, prove.prove),
        (rolling_back(), prove.needs, prove.prove),
    ],
)
@pytest.mark.parametrize("status", ["Ready", "Updating"])
def test_each_phase_has_its_own_needs_and_decisions(deployment, needed, decide, status):
    shown = situation(with_fields(deployment, reminded=True), status=status, settings=deployment_settings())
    assert needs(shown) == needed(shown)
    assert advance(shown).reason == decide(shown).reason


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
fleets = st.sampled_from([NOT_READ, THROTTLED, BASIC_HEALTH]) | st.lists(instances, max_size=3).map(
    lambda found: fleet(*found)
)
observed = st.fixed_dictionaries({"environment": environments, "events": st.lists(events, max_size=5), "fleet": fleets})
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
likely_good = st.fixed_dictionaries(
    {
        "environment": st.builds(
            environment,
            version_label=labels,
            updated_at=moments,
            health=st.sampled_from([Health.OK, Health.INFO]),
        ),
        "events": st.lists(events, max_size=3).map(lambda more: [started(), *more, completed(NOW - SETTLE)]),
        "fleet": st.just(BASIC_HEALTH)
        | st.lists(st.just(instance(1)) | instances, max_size=3).map(lambda found: fleet(*found)),
    }
)


class TestWhateverBeanstalkShows:
    @settings(max_examples=120)
    @given(deployments, observed)
    def test_each_look_leads_to_a_step_with_a_reason(self, deployment, shown):
        assert advance(situation(deployment, **shown)).reason

    @settings(max_examples=120)
    @given(deployments | st.just(deploying()), observed | likely_good)
    def test_it_never_succeeds_without_proof(self, deployment, shown):
        step = advance(situation(deployment, **shown))
        if not (isinstance(step, End) and step.state is State.SUCCEEDED):
            return
        assert deployment.update is not None
        request_id = deployment.update.request_id
        assert request_id is not None
        assert shown["environment"].is_ready
        assert shown["environment"].version_label == deployment.label
        assert not any(event.is_error and event.request_id == request_id for event in shown["events"])
        if shown["fleet"] is BASIC_HEALTH:
            assert "instances do not report their versions" in step.reason
        else:
            assert shown["fleet"].instances
            assert all(instance.runs(deployment.label) for instance in shown["fleet"].instances)

    def test_a_proof_is_among_the_tried_cases(self):
        proof = situation(deploying(), events=[started(), completed()], version_label=NEW, updated_at=NOW)
        step = advance(proof)
        assert isinstance(step, End)
        assert step.state is State.SUCCEEDED

    @settings(max_examples=120)
    @given(observed)
    def test_a_queued_deployment_is_deployed_exactly_when_the_environment_is_ready(self, shown):
        """Except soon after an update, while it is not known whether the running version is good."""
        environment, step = shown["environment"], advance(situation(queued(), **shown))
        waits = isinstance(step, Wait) and step.waits_for == start.HEALTH
        assert isinstance(step, Deploy) == (environment.is_ready and not waits)
        if waits:
            is_running = shown["fleet"].all_started_run(environment.version_label)
            assert environment.health not in start.WELL or not is_running
            assert NOW - environment.updated_at < SETTLE

    @settings(max_examples=120)
    @given(deployments, observed)
    def test_no_deployment_is_deployed_again_before_its_claim_is_void(self, deployment, shown):
        step = advance(situation(deployment, **shown))
        is_unclaimed = deployment.update is None and deployment.state is State.ROLLING_BACK
        may_start = deployment.is_waiting or is_unclaimed or deployment.state is State.PREPARING
        assert not isinstance(step, Deploy) or may_start

    @settings(max_examples=120)
    @given(deployments, observed)
    def test_an_update_starts_only_from_an_environment_that_was_read_for_it(self, deployment, shown):
        found = situation(deployment, **shown)
        if isinstance(advance(found), Deploy):
            assert Need.CURRENT_ENVIRONMENT in needs(found)

    @settings(max_examples=120)
    @given(observed)
    def test_health_alone_fails_nothing_at_the_first_look(self, shown):
        """Missing reports, and instances that start or stop, are no evidence either."""
        step = advance(situation(deploying(rules=Rules(bake=timedelta(), bad_for=timedelta())), **shown))
        if not (isinstance(step, End) and step.state is State.FAILED):
            return
        environment = shown["environment"]
        own_errors = (
            (event.is_error or event.message.startswith(UPDATE_FAILED)) and event.request_id == OUR_REQUEST
            for event in shown["events"]
        )
        bad_instances = (
            one.deployment_status == "Failed" or one.version_label not in (None, NEW)
            for one in shown["fleet"].instances
        )
        is_replaced = environment.id != "e-1" or environment.version_label != NEW
        assert is_replaced or any(own_errors) or any(bad_instances)
