"""The proof of a version: the consequence of each verdict, the bake time, and the progress of an update."""

from datetime import timedelta

import pytest

from tests.unit.samples import (
    NEW,
    NOW,
    OLD,
    SETTLE,
    THEIR_REQUEST,
    baking,
    completed,
    deploying,
    event,
    fleet,
    good,
    instance,
    rolling_back,
    seconds,
    situation,
    standing,
    started,
    update,
)
from wardrop.configuration.rules import Rules
from wardrop.deployments.deployment import Deployment, Joined
from wardrop.deployments.lifecycle import advance
from wardrop.deployments.prove import needs, prove
from wardrop.deployments.situation import Need
from wardrop.deployments.state import State, WaitKind, WaitsFor
from wardrop.deployments.steps import AlarmRaised, Bake, End, Recheck, Report, Requeue, RollBack, Step, Wait
from wardrop.deployments.update import Timers, UnacceptableHealth
from wardrop.environments.fleet import BASIC_HEALTH
from wardrop.environments.model import Health, Progress
from wardrop.evidence.alarms import Alarm, AlarmsReading, AlarmState, RaisedAlarm, WatchedAlarms

COMMAND_FAILED = "Unsuccessful command execution on instance id(s) 'i-1'. Aborting the operation."
OVER = [started(), completed()]
SETTLED = [started(), completed(NOW - SETTLE)]


def look(deployment: Deployment, **differs) -> Step:
    """By default, both instances run the version and are healthy."""
    updated_at = differs.get("events", OVER)[-1].at
    shown = {"events": OVER, "version_label": NEW, "updated_at": updated_at, "standing": standing(good())}
    return prove(situation(deployment, **(shown | differs)))


class TestVerdicts:
    @pytest.mark.parametrize(
        ("expected", "label", "instances"),
        [
            (State.SUCCEEDED, NEW, [instance(1)]),
            (State.ROLLED_BACK, OLD, [instance(1, OLD)]),
            (State.FAILED, OLD, [instance(1, "shop-0.9")]),
        ],
    )
    def test_a_verdict_ends_the_deployment(self, expected, label, instances):
        step = look(deploying(), events=SETTLED, fleet=fleet(*instances), version_label=label, standing=standing())
        assert isinstance(step, End)
        assert step.state is expected

    def test_another_version_that_somebody_else_deploys_supersedes_it(self):
        events = [*SETTLED, started(NOW, THEIR_REQUEST)]
        step = look(deploying(), events=events, fleet=fleet(instance(1, "hotfix-1")), version_label="hotfix-1")
        assert isinstance(step, End)
        assert step.state is State.SUPERSEDED

    @pytest.mark.parametrize(("uploaded_after", "repeats"), [(0, False), (1, True)])
    def test_a_drop_that_joined_after_somebody_elses_deployment_had_started_is_deployed_again(
        self, uploaded_after, repeats
    ):
        theirs = started(NOW, THEIR_REQUEST)
        uploaded_at = theirs.at + seconds(uploaded_after)
        arrival = (uploaded_at, uploaded_at - seconds(5), "")
        deployment = deploying(arrival=arrival, joined=[Joined(drop="drop-2", at=NOW)])
        shown = {"fleet": fleet(instance(1, "theirs-1")), "version_label": "theirs-1"}
        step = look(deployment, events=[*SETTLED, theirs], **shown)
        assert isinstance(step, End)
        assert (step.state, step.repeats) == (State.SUPERSEDED, repeats)

    def test_a_bad_version_is_not_deployed_again(self):
        failed = event("Failed to deploy application.", NOW - seconds(20), severity="ERROR")
        uploaded_at = NOW + seconds(1)
        step = look(
            deploying(arrival=(uploaded_at, uploaded_at, ""), joined=[Joined(drop="drop-2", at=NOW)]),
            events=[
                started(),
                event(COMMAND_FAILED, NOW - seconds(20), severity="ERROR"),
                failed,
                started(NOW, THEIR_REQUEST),
            ],
            fleet=fleet(instance(1, "theirs-1", deployment_id=9)),
            version_label="theirs-1",
        )
        assert isinstance(step, End)
        assert (step.state, step.quarantine, step.repeats) == (State.SUPERSEDED, True, False)

    def test_undecided_evidence_is_waited_for(self):
        step = look(deploying(), events=SETTLED, fleet=fleet())
        assert isinstance(step, Wait)
        assert step.waits_for.kind is WaitKind.PROOF
        assert look(deploying(), status="Updating").waits_for.kind is WaitKind.UPDATE

    def test_the_worked_example_of_unacceptable_health_holds(self):
        deployment, steps = deploying(), []
        for after in (0, 60, 120, 180):
            step = look(deployment, events=SETTLED, health=Health.SEVERE, now=NOW + seconds(after), standing=standing())
            steps.append(type(step))
            if isinstance(step, Recheck):
                deployment = deploying(timers=step.timers)
        assert steps == [Recheck, Recheck, Recheck, End]

    def test_an_alarm_during_the_update_is_recorded_with_those_before_it(self):
        earlier = RaisedAlarm(name="shop-4xx", at=NOW)
        watched = WatchedAlarms(entries=["shop-4xx", "shop-5xx"], before=["shop-cpu"], raised=[earlier])
        reading = AlarmsReading(tuple(Alarm(name, AlarmState.ALARM, NOW) for name in ("shop-cpu", "shop-5xx")))
        step = look(deploying(alarms=watched), status="Updating", events=[started()], alarms=reading)
        assert isinstance(step, AlarmRaised)
        assert step.alarms == watched.with_raised([RaisedAlarm(name="shop-5xx", at=NOW)])

    def test_without_a_claim_nothing_can_be_proven(self):
        assert look(deploying(update=None)) == Requeue("Wardrop has recorded no update for this deployment")

    def test_a_rollback_needs_the_same_evidence_as_a_deployment(self):
        old = {"version_label": OLD}
        assert isinstance(look(rolling_back(), events=[started()], fleet=fleet(instance(1, OLD)), **old), Wait)
        assert isinstance(look(rolling_back(), fleet=fleet(), **old), Wait)

    def test_a_rollback_is_over_when_all_instances_run_the_good_version(self):
        again = [instance(number, OLD, deployment_id=9) for number in (1, 2)]
        step = look(rolling_back(), fleet=fleet(*again), version_label=OLD)
        assert step == End(
            State.ROLLED_BACK,
            "the command failed; shop-1.0 runs again: all 2 instances run shop-1.0 and health is Ok",
            settled_at=completed().at,
        )


class TestBaking:
    def test_a_live_version_must_stay_good_first(self):
        step = look(deploying(rules=Rules()))
        assert isinstance(step, Bake)
        assert "this must last for 2 min" in step.reason

    def test_without_a_bake_time_it_succeeds_at_once(self):
        step = look(deploying(rules=Rules(bake=timedelta())))
        assert isinstance(step, End)
        assert step.state is State.SUCCEEDED

    def test_without_an_event_of_the_end_the_settings_count_from_the_last_update_of_the_environment(self):
        shown = {"events": [started()], "version_label": NEW, "updated_at": NOW - SETTLE}
        step = advance(situation(deploying(rules=Rules(bake=timedelta())), **shown))
        assert step == End(State.SUCCEEDED, step.reason, settled_at=NOW - SETTLE)

    def test_a_version_that_was_good_for_the_bake_time_succeeds(self):
        step = look(baking(timers=Timers(good_since=NOW - timedelta(minutes=2))))
        proof = "all 2 instances run shop-2.0 and health is Ok, for 2 min"
        assert step == End(State.SUCCEEDED, proof, settled_at=completed().at)

    def test_until_then_it_bakes(self):
        since = Timers(good_since=NOW - timedelta(minutes=1))
        assert look(baking()) == Recheck("all 2 instances run shop-2.0 and health is Ok", since)

    def test_after_an_interruption_the_time_starts_when_it_is_good_again(self):
        assert look(baking(timers=Timers())).timers == Timers(good_since=NOW)

    @pytest.mark.parametrize(
        "shown",
        [{"health": Health.WARNING}, {"health": Health.PENDING}, {"health": Health.SEVERE}, {"status": "Updating"}],
    )
    def test_an_interruption_starts_the_time_again(self, shown):
        deployment = baking(timers=Timers(good_since=NOW - timedelta(minutes=2)))
        shown = {"events": OVER, "version_label": NEW, "updated_at": NOW} | shown
        step = advance(situation(deployment, **shown))
        assert isinstance(step, Recheck)
        assert step.timers.good_since is None

    def test_health_that_stays_bad_during_the_bake_time_leads_to_a_rollback(self):
        unacceptable = UnacceptableHealth(since=NOW - timedelta(minutes=3), looks=2)
        step = look(
            baking(timers=Timers(unacceptable=unacceptable)),
            events=SETTLED,
            health=Health.SEVERE,
            updated_at=NOW - SETTLE,
        )
        assert isinstance(step, RollBack)
        assert step.quarantine

    def test_another_version_that_somebody_deploys_during_the_bake_time_ends_it_without_a_rollback(self):
        theirs = [*OVER, started(NOW, THEIR_REQUEST), completed(NOW, THEIR_REQUEST)]
        step = look(baking(), events=theirs, fleet=fleet(instance(1, "theirs")), version_label="theirs")
        assert isinstance(step, End)
        assert step.state is State.SUPERSEDED


def test_an_unknown_alarm_that_was_reported_is_awaited():
    unread = AlarmsReading(unread="CloudWatch did not answer")
    step = look(baking(rules=Rules(alarms=["shop-5xx"])), alarms=unread)
    reason = "all 2 instances run shop-2.0 and health is Ok; cannot tell whether an alarm was raised, because"
    assert step == Wait(f"{reason} CloudWatch did not answer", WaitsFor(WaitKind.PROOF))


class TestProgress:
    HALF = fleet(instance(1, NEW), instance(2, OLD))

    def test_it_is_reported_once_each_time_it_changes(self):
        step = advance(situation(deploying(), fleet=self.HALF, status="Updating"))
        assert isinstance(step, Report)
        assert step.progress == Progress(done=1, instances=2)
        reported = deploying(update=update(progress=step.progress))
        assert isinstance(advance(situation(reported, fleet=self.HALF, status="Updating")), Wait)

    def test_it_is_not_reported_after_the_end_of_the_update(self):
        step = advance(situation(deploying(), fleet=self.HALF, events=[started()]))
        assert isinstance(step, Wait)
        assert step.waits_for.kind is WaitKind.PROOF

    def test_instances_that_had_the_label_before_are_no_progress(self):
        before = fleet(*(instance(n, NEW, deployment_id=7) for n in (1, 2)))
        assert isinstance(advance(situation(deploying(), fleet=before, status="Updating")), Wait)

    @pytest.mark.parametrize("reported", [fleet(), fleet(instance(1, NEW)), BASIC_HEALTH])
    def test_fewer_than_two_instances_have_no_progress(self, reported):
        assert isinstance(advance(situation(deploying(), fleet=reported, status="Updating")), Wait)


def test_while_the_update_is_under_way_only_its_progress_is_read():
    assert needs(situation(deploying(), status="Updating")) is Need.PROGRESS
    assert needs(situation(deploying())) == Need.EVENTS | Need.INSTANCES
