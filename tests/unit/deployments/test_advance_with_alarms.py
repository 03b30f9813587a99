"""Looks at an environment whose configuration names alarms."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.deployments.world import DeploymentWorld
from tests.unit.samples import NEW, OLD, THEIR_REQUEST, completed, good, standing, started
from wardrop.alerts.kinds import Kind
from wardrop.configuration.duration import Duration
from wardrop.configuration.rules import OnFailure, Rules
from wardrop.deployments.change import Change
from wardrop.deployments.deployment import Asked
from wardrop.deployments.state import State
from wardrop.deployments.steps import AlarmRaised, Bake, Deploy, End, Look, Remind, RollBack, Wait
from wardrop.errors import NotNow, Unavailable
from wardrop.evidence.alarms import AlarmState

ALARMS = ["shop-5xx", "shop-latency-*"]
UNREADABLE = [NotNow("CloudWatch throttled the call"), Unavailable("not permitted")]


class AlarmsWorld(DeploymentWorld):
    """The old version is good, and its instances are healthy. Both alarms are OK."""

    def __init__(self) -> None:
        super().__init__()
        self.runs_the_old_version_well()
        self.ledger.write(Change(standing=standing(good())))
        self.alarms.set("shop-5xx", AlarmState.OK)
        self.alarms.set("shop-latency-p99", AlarmState.OK)

    def start(self, bake: float = 120, **differs) -> Look:
        asked = differs.pop("asked", None)
        self.drop(rules=Rules(bake=Duration(seconds=bake), alarms=ALARMS, **differs), asked=asked)
        return self.look()

    def bake(self, **differs) -> None:
        self.start(**differs)
        self.done()
        assert isinstance(self.look(after=60).step, Bake)

    def in_alarm(self) -> set[str]:
        return {name for name, alarm in self.alarms.alarms.items() if alarm.state is AlarmState.ALARM}

    def raise_alarm(self, name: str = "shop-5xx") -> None:
        self.alarms.set(name, AlarmState.ALARM, self.now)


@pytest.fixture
def world() -> AlarmsWorld:
    return AlarmsWorld()


class TestReading:
    def test_without_configured_alarms_no_call_is_made(self, world):
        world.drop(rules=Rules(bake=Duration(0)))
        world.look()
        world.done()
        assert isinstance(world.look(after=60).step, End)
        assert world.alarms.asked == []

    def test_each_look_makes_one_call_for_the_names_that_matched_at_the_start(self, world):
        world.start()
        world.alarms.set("shop-latency-p50", AlarmState.ALARM)
        world.shows(status="Updating")
        world.look(after=60)
        assert world.alarms.asked == [ALARMS, ["shop-5xx", "shop-latency-p99"]]

    def test_a_deployment_that_waits_reads_no_alarms(self, world):
        world.drop(rules=Rules(alarms=ALARMS, approval_required=True))
        world.look()
        assert world.alarms.asked == []


class TestAlarmsDuringTheBake:
    def test_an_alarm_rolls_the_version_back_at_once(self, world):
        world.bake()
        world.raise_alarm()
        step = world.look(after=1).step
        assert isinstance(step, RollBack)
        assert step.reason.startswith("the alarm shop-5xx went into ALARM at ")
        assert world.active[0].target_label == OLD
        assert NEW in [quarantined.label for quarantined in world.environment().standing.quarantined]

    def test_with_on_failure_hold_the_version_stays_and_the_deployment_fails(self, world):
        world.bake(on_failure=OnFailure.HOLD)
        world.raise_alarm()
        world.look(after=1)
        [ended] = world.ended
        assert ended.state is State.FAILED
        assert "because on_failure is hold" in ended.reason

    def test_a_requested_rollback_that_raises_an_alarm_fails_and_is_not_rolled_back(self, world):
        requested = Asked(by="jane", at=world.now, rollback=True)
        world.ledger.write(Change(standing=world.environment().standing.with_good(good(NEW))))
        world.bake(asked=requested)
        world.raise_alarm()
        world.look(after=1)
        assert world.ended[0].state is State.FAILED

    def test_the_rollback_itself_is_not_judged_by_alarms(self, world):
        world.bake()
        world.raise_alarm()
        world.look(after=1)
        world.look(after=1)
        world.done(OLD)
        asked = len(world.alarms.asked)
        assert isinstance(world.look(after=60).step, End)
        assert world.ended[0].state is State.ROLLED_BACK
        assert len(world.alarms.asked) == asked

    def test_too_little_data_counts_neither_for_nor_against_the_version(self, world):
        world.bake()
        world.alarms.set("shop-5xx", AlarmState.INSUFFICIENT_DATA)
        world.look(after=180)
        assert world.ended[0].state is State.SUCCEEDED
        assert "health is Ok, and no alarm counts against it" in world.ended[0].reason

    def test_an_alarm_does_not_roll_back_what_somebody_else_deployed_since(self, world):
        world.bake()
        world.raise_alarm()
        world.beanstalk.described["shop-staging"] = world.snapshot(version_label="theirs").snapshot
        world.beanstalk.event_log += [started(world.now, THEIR_REQUEST), completed(world.now, THEIR_REQUEST)]
        step = world.look(after=1).step
        assert isinstance(step, End)
        assert step.state is State.SUPERSEDED


class TestAlarmsDuringTheUpdate:
    def test_the_alarm_is_recorded_and_reported_once_and_counts_when_the_environment_is_ready(self, world):
        world.start()
        world.shows(status="Updating")
        world.raise_alarm()
        step = world.look(after=30).step
        assert isinstance(step, AlarmRaised)
        assert step.reason.endswith(f"the alarm counts against {NEW} as soon as shop-staging is Ready")
        assert isinstance(world.look(after=30).step, Wait)
        assert world.alert_kinds.count(Kind.DEPLOYMENT_UNHEALTHY) == 1
        world.alarms.set("shop-5xx", AlarmState.OK)
        world.done()
        assert isinstance(world.look(after=30).step, RollBack)


class TestAlarmsBeforeTheUpdate:
    def test_an_alarm_that_was_in_alarm_before_does_not_count_and_the_start_says_so(self, world):
        world.raise_alarm()
        look = world.start()
        assert isinstance(look.step, Deploy)
        assert look.reason.endswith("alarms that are already in ALARM do not count for this deployment: shop-5xx")
        world.done()
        world.look(after=60)
        world.alarms.set("shop-5xx", AlarmState.OK)
        world.look(after=60)
        world.raise_alarm()
        world.look(after=120)
        assert world.ended[0].state is State.SUCCEEDED

    def test_another_alarm_still_counts(self, world):
        world.raise_alarm()
        world.bake()
        world.raise_alarm("shop-latency-p99")
        assert isinstance(world.look(after=1).step, RollBack)

    @pytest.mark.parametrize("error", UNREADABLE)
    def test_unreadable_alarms_do_not_delay_the_start_and_the_time_of_the_change_decides_later(self, world, error):
        world.raise_alarm()
        world.wait(60)
        world.alarms.error = error
        look = world.start()
        assert isinstance(look.step, Deploy)
        assert f"cannot tell which alarms are in ALARM already, because {error.reason}" in look.reason
        world.alarms.error = None
        world.done()
        assert isinstance(world.look(after=60).step, Bake)
        world.raise_alarm("shop-latency-p99")
        assert isinstance(world.look(after=60).step, RollBack)


class TestWhatCannotBeRead:
    @pytest.mark.parametrize("error", UNREADABLE)
    @pytest.mark.parametrize("bake", [0, 120])
    def test_unreadable_alarms_begin_the_bake_and_never_end_it(self, world, error, bake):
        world.start(bake=bake)
        world.done()
        world.alarms.error = error
        look = world.look(after=60)
        assert isinstance(look.step, Bake)
        assert look.reason.endswith(f"cannot tell whether an alarm was raised, because {error.reason}")
        for _ in range(10):
            assert not isinstance(world.look(after=60).step, End | RollBack)
        world.alarms.error = None
        world.look(after=60)
        world.look(after=180)
        assert world.ended[0].state is State.SUCCEEDED

    def test_an_alarm_that_was_deleted_is_reported_after_the_deadline_and_a_person_can_replace_the_version(self, world):
        world.bake(deadline=Duration(minutes=10))
        del world.alarms.alarms["shop-5xx"]
        look = world.look(after=720)
        assert isinstance(look.step, Remind)
        assert look.reason.endswith("there is no metric alarm or composite alarm shop-5xx in this region")
        assert not isinstance(world.look(after=60).step, Remind)
        world.drop("d-2", OLD, asked=Asked(by="jane", at=world.now, now=True, because="stuck"))
        world.look(after=60)
        assert world.beanstalk.updates[-1] == ("e-1", OLD)

    def test_unreadable_alarms_do_not_delay_other_evidence(self, world):
        world.start()
        world.alarms.error = UNREADABLE[0]
        world.fail()
        assert isinstance(world.look(after=60).step, RollBack)


moments = st.lists(
    st.tuples(
        st.sampled_from(["raise", "end", "no data", "throttle", "answer", "look"]),
        st.sampled_from(["shop-5xx", "shop-latency-p99"]),
    ),
    max_size=12,
)
STATES = {"raise": AlarmState.ALARM, "end": AlarmState.OK, "no data": AlarmState.INSUFFICIENT_DATA}


@settings(max_examples=60, deadline=timedelta(seconds=2))
@given(before=st.sets(st.sampled_from(["shop-5xx", "shop-latency-p99"])), during=moments)
def test_only_an_alarm_that_is_raised_during_the_deployment_counts_against_a_healthy_version(before, during):
    world = AlarmsWorld()
    for name in before:
        world.raise_alarm(name)
    world.bake()
    for action, name in during:
        if action in STATES:
            world.alarms.set(name, STATES[action], world.now)
        elif action == "throttle":
            world.alarms.error = UNREADABLE[0]
        elif action == "answer":
            world.alarms.error = None
        readable = world.alarms.error is None
        raised = world.in_alarm() - before if readable else set()
        step = world.look(after=10).step
        assert isinstance(step, RollBack) is bool(raised)
        assert not (isinstance(step, End) and (raised or not readable))
        if raised:
            return
    world.alarms.error = None
    world.look(after=60)
    world.look(after=180)
    succeeded = bool(world.ended) and world.ended[0].state is State.SUCCEEDED
    assert succeeded is not bool(world.in_alarm() - before)
