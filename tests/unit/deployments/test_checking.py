"""The times at which checks run during a deployment, and the consequences of their results."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.deployments.world import NAME, DeploymentWorld
from tests.unit.samples import NEW, NOW, OLD, baking, good, rolling_back, situation, standing
from wardrop.alerts.kinds import Kind
from wardrop.aws.mailbox import WakeUp
from wardrop.configuration.check import Check
from wardrop.configuration.duration import Duration
from wardrop.configuration.rules import Rules
from wardrop.deployments import checking
from wardrop.deployments.change import Change
from wardrop.deployments.deployment import Asked
from wardrop.deployments.state import State
from wardrop.deployments.steps import Bake, Deploy, End, Look, Recheck, Remind, RollBack, Unchecked, Wait
from wardrop.deployments.verdict import Bad, Proven
from wardrop.environments.model import Health
from wardrop.evidence.check_record import Answer, CheckRecord, Result, records_of
from wardrop.structs import replace

HTTP, FUNCTION = Check(http="/health"), Check(function="smoke")
BOTH = Rules(bake=Duration(minutes=2), checks=(HTTP, FUNCTION))
ONE = Rules(bake=Duration(minutes=2), checks=(HTTP,))
UNBAKED = Rules(bake=Duration(0), checks=(HTTP,))
PASSED, FAILED = Answer(Result.PASSED, "answered 200"), Answer(Result.FAILED, "answered 503, not 200")
UNKNOWN, NO_ANSWER = Answer(Result.UNKNOWN, "cannot be used"), Answer(Result.NO_ANSWER, "did not answer within 5s")
TICK, EVENT = WakeUp(environment=NAME, cause="tick/1"), WakeUp(environment=NAME, cause="event/1")
CNAME = "shop-staging.us-east-1.elasticbeanstalk.com"


@pytest.fixture
def world() -> DeploymentWorld:
    world = DeploymentWorld()
    world.runs_the_old_version_well()
    world.ledger.write(Change([], standing=standing(good())))
    return world


def deployed(world: DeploymentWorld, *answers: Answer, rules: Rules = ONE, before: Answer = PASSED, **differs) -> Look:
    """Looks until the update has ended. Each answer is the result of one round of the only check."""
    world.checks.answers = [[answer] for answer in (before, *answers)]
    world.drop(rules=rules, **differs)
    assert isinstance(world.look().step, Deploy)
    world.done()
    return world.look(after=60)


def look(world: DeploymentWorld, *wake_ups: WakeUp, after: float = 60) -> Look:
    return world.look(*(wake_ups or (TICK,)), after=after)


class TestRounds:
    def test_without_checks_nothing_is_asked(self, world):
        deployed(world, rules=Rules())
        assert world.checks.asked == []

    def test_before_the_update_only_requests_run_and_they_are_hurried(self, world):
        world.drop(rules=BOTH)
        world.checks.answers = [[PASSED]]
        world.look()
        [(checks, subject)] = world.checks.asked
        assert checks == [Check(http="/health", within=Duration(seconds=2))]
        assert (subject.version_label, subject.previous_version_label) == (NEW, OLD)
        assert world.calls.index("checks.run") < world.calls.index("beanstalk.update")
        assert world.active[0].checks[0].has_answered

    def test_checks_do_not_run_while_the_environment_is_updating(self, world):
        world.drop(rules=ONE)
        world.look()
        world.shows(status="Updating", updated_at=world.now)
        world.look(after=60)
        assert len(world.checks.asked) == 1

    def test_checks_do_not_run_before_beanstalks_own_evidence_is_good(self, world):
        world.drop(rules=ONE)
        world.look()
        world.done()
        world.beanstalk.described[NAME] = replace(world.beanstalk.described[NAME], health=Health.SEVERE)
        world.look(after=60)
        assert len(world.checks.asked) == 1

    def test_the_first_round_runs_at_once_and_the_others_at_ticks(self, world):
        deployed(world)
        assert len(world.checks.asked) == 2
        for _ in range(20):
            look(world, EVENT, after=2)
        assert len(world.checks.asked) == 2
        look(world, TICK, EVENT, after=2)
        assert len(world.checks.asked) == 3

    def test_without_ticks_a_round_runs_once_a_minute(self, world):
        deployed(world)
        look(world, EVENT, after=59)
        assert len(world.checks.asked) == 2
        look(world, EVENT, after=1)
        assert len(world.checks.asked) == 3

    def test_a_function_is_asked_about_the_version_and_its_phase(self, world):
        world.shows(*world.beanstalk.fleet, cname=CNAME)
        world.checks.answers = [[PASSED]]
        world.drop(rules=BOTH)
        world.look()
        world.done()
        look(world)
        look(world)
        (_, first), (_, second) = world.checks.asked[1:]
        assert (first.phase, second.phase) == ("deployed", "baking")
        assert (first.application, first.environment, first.environment_id) == ("shop", NAME, "e-1")
        assert (first.version_label, first.previous_version_label, first.deployment) == (NEW, OLD, "d-1")

    def test_a_rollback_is_judged_without_checks(self):
        asked = Asked(by="jane", at=NOW, rollback=True)
        assert checking.checks_of(rolling_back(rules=ONE)) == ()
        assert checking.checks_of(baking(rules=ONE, asked=asked)) == ()
        assert checking.checks_of(baking(rules=ONE)) == (HTTP,)


class TestResults:
    def test_a_version_succeeds_if_its_checks_pass_through_the_bake(self, world):
        step = deployed(world).step
        assert isinstance(step, Bake)
        assert "; the check http /health answered 200; this must last for 2 min" in step.reason
        assert isinstance(look(world).step, Recheck)
        end = look(world).step
        assert isinstance(end, End)
        assert end.state is State.SUCCEEDED
        assert "the check http /health answered 200" in world.ended[0].reason

    def test_without_a_bake_time_one_round_suffices(self, world):
        step = deployed(world, rules=UNBAKED).step
        assert isinstance(step, End)
        assert step.state is State.SUCCEEDED

    def test_three_failures_roll_back_and_quarantine_the_version(self, world):
        assert isinstance(deployed(world, FAILED, FAILED, FAILED).step, Bake)
        assert isinstance(look(world).step, Wait)
        step = look(world).step
        assert isinstance(step, RollBack)
        assert step.quarantine
        assert step.reason.startswith("the check http /health answered 503, not 200, 3 times in a row")
        [alert] = [alert for alert in world.alerts if alert.kind is Kind.DEPLOYMENT_ROLLING_BACK]
        assert "the check http /health answered 503, not 200" in alert.text
        assert [one.label for one in world.environment().standing.quarantined] == [NEW]

    def test_a_failure_in_the_bake_starts_the_bake_time_again(self, world):
        deployed(world, PASSED, FAILED)
        step = look(world).step
        assert isinstance(step, Recheck)
        assert step.timers.good_since is None
        assert "answered 503, not 200, 1 time so far" in world.active[0].reason
        assert isinstance(look(world).step, Recheck)
        assert isinstance(look(world).step, Recheck)
        assert isinstance(look(world).step, End)

    def test_the_bake_time_does_not_begin_with_a_failure(self, world):
        deployed(world, FAILED)
        assert world.active[0].timers.good_since is None

    def test_a_function_that_says_failed_rolls_back_at_once(self, world):
        world.checks.answers = [[Answer(Result.FAILED, 'answered failed: "no orders"')]]
        world.drop(rules=Rules(checks=(FUNCTION,)))
        world.look()
        world.done()
        step = look(world).step
        assert isinstance(step, RollBack)
        assert step.reason.startswith('the check function smoke answered failed: "no orders"')

    def test_a_check_that_failed_before_the_update_quarantines_nothing(self, world):
        deployed(world, FAILED, FAILED, FAILED, before=FAILED)
        look(world)
        step = look(world).step
        assert isinstance(step, RollBack)
        assert not step.quarantine
        assert "it also failed before the update, so the version is not quarantined" in step.reason

    def test_no_answer_from_an_address_that_answered_before_rolls_back(self, world):
        deployed(world, NO_ANSWER, NO_ANSWER, NO_ANSWER)
        look(world)
        assert isinstance(look(world).step, RollBack)


class TestUnknown:
    def test_an_unknown_result_waits_is_reported_once_and_ends_at_the_deadline_with_a_person(self, world):
        rules = Rules(bake=Duration(minutes=2), deadline=Duration(minutes=10), checks=(HTTP,))
        bake = deployed(world, *[UNKNOWN] * 30, rules=rules).step
        assert isinstance(bake, Bake)
        assert bake.reason.endswith(
            "cannot tell whether the version is good, because the check http /health cannot be used"
        )
        steps = [type(look(world).step) for _ in range(20)]
        assert steps.count(Remind) == 1
        assert set(steps) == {Wait, Remind}
        assert world.active[0].state is State.BAKING
        assert world.alert_kinds.count(Kind.DEPLOYMENT_UNCHECKED) == 0
        assert world.alert_kinds.count(Kind.DEPLOYMENT_OVERDUE) == 1

    def test_a_result_that_becomes_unknown_in_the_bake_is_reported_once(self, world):
        deployed(world, PASSED, UNKNOWN, UNKNOWN, PASSED, UNKNOWN)
        assert [type(look(world).step) for _ in range(4)] == [Unchecked, Wait, Recheck, Recheck]
        [alert] = [alert for alert in world.alerts if alert.kind is Kind.DEPLOYMENT_UNCHECKED]
        assert "cannot tell whether the version is good" in alert.text

    def test_no_answer_from_an_address_that_never_answered_never_rolls_back(self, world):
        deployed(world, *[NO_ANSWER] * 10, before=NO_ANSWER)
        steps = [look(world).step for _ in range(8)]
        assert not [step for step in steps if isinstance(step, RollBack | End)]
        assert "the network may be the cause" in world.active[0].reason

    def test_when_it_is_known_again_the_deployment_succeeds_after_the_bake_time(self, world):
        deployed(world, UNKNOWN, UNKNOWN)
        steps = [type(look(world).step) for _ in range(4)]
        assert steps == [Wait, Recheck, Recheck, End]


def test_the_results_are_kept_from_look_to_look(world):
    deployed(world, PASSED, FAILED, FAILED, FAILED)
    failures = []
    for _ in range(3):
        look(world)
        failures += [record.failures for active in world.active for record in active.checks]
    assert failures == [1, 2, 3]


results = st.sampled_from(list(Result)[:3])
records = st.builds(
    CheckRecord,
    result=st.one_of(st.none(), results),
    reason=st.just("answered"),
    failures=st.integers(0, 4),
    failed_before=st.booleans(),
)


@given(st.lists(records, max_size=2))
def test_a_version_is_proven_only_if_every_check_has_passed(stored):
    judged = checking.judge(baking(rules=BOTH, checks=stored), Proven("all 2 instances run shop-2.0"))
    current = records_of(BOTH.checks, stored)
    if isinstance(judged, Bad):
        assert any(record.counts_against_version(check) for check, record in zip(BOTH.checks, current, strict=True))
    else:
        assert (judged.unknown is None) == all(record.result is Result.PASSED for record in current)


class TestTheWords:
    """Compares the clause of each result, because people read it in the reason and in the alert."""

    PROVEN = Proven("all 2 instances run shop-2.0")

    def judged(self, **differs):
        record = CheckRecord(**({"reason": "answered 503, not 200"} | differs))
        return checking.judge(baking(rules=ONE, checks=[record]), self.PROVEN)

    @pytest.mark.parametrize(
        ("differs", "clause"),
        [
            ({"result": Result.FAILED, "failures": 1}, "the check http /health answered 503, not 200, 1 time so far"),
            ({"result": Result.FAILED, "failures": 2}, "the check http /health answered 503, not 200, 2 times so far"),
            ({"result": None}, "the check http /health has not run yet"),
            (
                {"result": Result.UNKNOWN, "reason": "cannot be used"},
                "cannot tell whether the version is good, because the check http /health cannot be used",
            ),
        ],
    )
    def test_of_a_version_that_is_not_proven_yet(self, differs, clause):
        assert self.judged(**differs).unknown == clause

    @pytest.mark.parametrize(
        ("check", "failures", "failed_before", "reason"),
        [
            (HTTP, 3, False, "the check http /health answered 503, not 200, 3 times in a row"),
            (FUNCTION, 1, False, "the check function smoke answered 503, not 200"),
            (FUNCTION, 2, False, "the check function smoke answered 503, not 200, 2 times in a row"),
            (
                FUNCTION,
                1,
                True,
                "the check function smoke answered 503, not 200; it also failed before the update, so the version is "
                "not quarantined",
            ),
        ],
    )
    def test_of_a_version_that_is_bad(self, check, failures, failed_before, reason):
        record = CheckRecord(
            result=Result.FAILED, reason="answered 503, not 200", failures=failures, failed_before=failed_before
        )
        judged = checking.judge(baking(rules=Rules(checks=(check,)), checks=[record]), self.PROVEN)
        assert judged == Bad(reason, ran_and_failed=not failed_before)


def test_a_check_is_asked_about_the_address_of_the_environment():
    round_ = checking.round_after(situation(baking(rules=ONE), cname=CNAME, is_tick=True))
    assert (round_.subject.url, round_.is_before) == (f"http://{CNAME}", False)


def test_everything_that_is_unknown_is_named():
    unknown = Proven("live", unknown="an alarm is missing")
    assert checking.judge(baking(rules=BOTH), unknown).unknown == (
        "an alarm is missing; the check http /health has not run yet; the check function smoke has not run yet"
    )


def test_each_check_needs_an_answer():
    looked = situation(baking(rules=BOTH), is_tick=True)
    with pytest.raises(ValueError, match="zip"):
        checking.recorded(looked, checking.round_after(looked), [PASSED])
