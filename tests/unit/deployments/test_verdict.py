"""The verdict on a version: the end of an update, and the verdict for each evidence."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.unit.samples import (
    NEW,
    NOW,
    OLD,
    OUR_REQUEST,
    SETTLE,
    THEIR_REQUEST,
    completed,
    deploying,
    event,
    fleet,
    instance,
    seconds,
    situation,
    started,
    update,
)
from wardrop.configuration.rules import Rules
from wardrop.deployments.update import Timers, UnacceptableHealth
from wardrop.deployments.verdict import (
    Bad,
    Overtaken,
    Proven,
    Unacceptable,
    Undecided,
    Verdict,
    is_acceptable,
    judge,
    newly_raised,
)
from wardrop.environments.fleet import BASIC_HEALTH, THROTTLED
from wardrop.environments.model import Event, Health, Instance
from wardrop.evidence.alarms import Alarm, AlarmsReading, AlarmState


def unacceptable(since: datetime, looks: int) -> Timers:
    return Timers(unacceptable=UnacceptableHealth(since=since, looks=looks))


DONE = [started(), completed()]
SETTLED = [started(), completed(NOW - SETTLE)]
FLEET = [instance(1), instance(2)]


def verdict(events: list[Event] = DONE, instances: list[Instance] = FLEET, deployment=None, **differs) -> Verdict:
    """By default, the environment is Ready with the new version since the last event."""
    updated_at = events[-1].at if events else NOW - seconds(10)
    shown = {"version_label": NEW, "updated_at": updated_at, "fleet": fleet(*instances)} | differs
    deployment = deployment or deploying()
    return judge(situation(deployment, events=events, **shown), deployment.update)


class TestWhetherItIsOver:
    @pytest.mark.parametrize("status", ["Updating", "Launching", "Aborting", "LinkingFrom"])
    def test_while_the_environment_is_not_ready_nothing_is_decided(self, status):
        found = verdict([started()], [instance(1), instance(2, OLD)], status=status, version_label=OLD)
        assert found == Undecided(f"shop-staging is {status}; of 2 instances, 1 has {NEW}, 1 has {OLD}")

    def test_ready_right_after_the_call_does_not_end_it(self):
        found = verdict([], version_label=OLD, updated_at=update().environment_updated_at)
        assert isinstance(found, Undecided)
        assert "no event has reported the end of the update yet" in found.reason

    def test_a_closing_event_with_our_request_id_ends_it(self):
        assert isinstance(verdict(DONE), Proven)

    def test_a_closing_event_of_somebody_else_does_not_end_it(self):
        assert isinstance(verdict([started(), completed(request_id=THEIR_REQUEST)]), Undecided)

    def test_without_a_closing_event_it_ends_by_staying_ready_for_settle(self):
        assert isinstance(verdict([started()], updated_at=NOW - SETTLE + seconds(1)), Undecided)
        assert isinstance(verdict([started()], updated_at=NOW - SETTLE), Proven)

    def test_it_also_ends_if_all_events_are_lost(self):
        assert isinstance(verdict([], updated_at=NOW - SETTLE), Proven)

    def test_ready_since_before_the_claim_does_not_end_it(self):
        assert isinstance(verdict([], updated_at=update().environment_updated_at), Undecided)


class TestGood:
    def test_every_instance_runs_it_and_health_is_acceptable(self):
        assert verdict() == Proven(f"all 2 instances run {NEW} and health is Ok")

    def test_with_basic_health_label_events_and_colour_decide_and_the_reason_says_so(self):
        assert verdict(fleet=BASIC_HEALTH) == Proven(
            f"shop-staging has {NEW} and its health is Ok; with basic health, instances do not report their versions"
        )


class TestBad:
    def test_an_error_event_of_ours_fails_it_at_once_with_its_cause_and_the_fleet(self):
        events = [
            started(),
            event(
                "Instance id(s) 'i-2' did not pass health check after command execution. Aborting the operation.",
                severity="ERROR",
            ),
            event("Failed to deploy application.", severity="ERROR"),
            event(
                "During an aborted deployment, some instances may have deployed the new application version.",
                severity="ERROR",
            ),
        ]
        fleet = [instance(1, causes=("Application answers 500.",)), instance(2, OLD)]
        found = verdict(events, fleet, version_label=OLD)
        assert isinstance(found, Bad)
        assert found.reason == (
            "Instance id(s) 'i-2' did not pass health check after command execution "
            f"(Application answers 500); of 2 instances, 1 has {NEW}, 1 has {OLD}"
        )

    def test_without_another_cause_the_reason_is_the_failed_deployment(self):
        failed = event("Failed to deploy application.", severity="ERROR")
        found = verdict([started(), failed], version_label=OLD)
        assert isinstance(found, Bad)
        assert found.reason.startswith("Failed to deploy application")

    def test_an_error_event_of_somebody_else_does_not_count(self):
        theirs = event("Failed to deploy application.", request_id=THEIR_REQUEST, severity="ERROR")
        assert isinstance(verdict([*DONE, theirs]), Proven)

    def test_an_error_event_without_a_request_id_does_not_count(self):
        assert isinstance(verdict([*DONE, event("x", request_id=None, severity="ERROR")]), Proven)

    @pytest.mark.parametrize("severity", ["INFO", "WARN", "DEBUG", "TRACE"])
    def test_milder_events_do_not_count(self, severity):
        assert isinstance(verdict([*DONE, event("Command failed.", severity=severity)]), Proven)

    def test_a_fatal_event_counts_like_an_error(self):
        assert isinstance(verdict([*DONE, event("Gone.", severity="FATAL")]), Bad)

    def test_another_label_than_ours_is_bad_after_settle(self):
        found = verdict(SETTLED, version_label=OLD)
        assert found == Bad(f"shop-staging has {OLD}, not {NEW}; of 2 instances, 2 have {NEW}")

    def test_another_label_than_ours_is_undecided_before_settle(self):
        found = verdict(DONE, version_label=OLD)
        assert isinstance(found, Undecided)
        assert found.reason.endswith("Wardrop waits, because an update has just ended")

    def test_an_instance_that_failed_is_bad_after_settle(self):
        fleet = [instance(1), instance(2, status="Failed", causes=("Command timed out.",))]
        found = verdict(SETTLED, fleet)
        assert isinstance(found, Bad)
        assert found.reason.startswith(f"{NEW} failed on instance i-2 (Command timed out)")
        assert isinstance(verdict(DONE, fleet), Undecided)

    def test_an_instance_with_another_version_is_bad_after_settle(self):
        fleet = [instance(1), instance(2, OLD)]
        assert verdict(SETTLED, fleet) == Bad(
            f"instance i-2 runs {OLD}, not {NEW}; of 2 instances, 1 has {NEW}, 1 has {OLD}"
        )
        assert isinstance(verdict(DONE, fleet), Undecided)

    def test_a_mixed_fleet_is_bad_however_green(self):
        assert isinstance(verdict(SETTLED, [instance(1), instance(2, OLD)], health=Health.OK), Bad)

    @pytest.mark.parametrize("differs", [{"id": "e-2"}])
    def test_another_environment_of_that_name_is_not_the_one_that_was_deployed_to(self, differs):
        found = verdict(**differs)
        assert isinstance(found, Bad)
        assert "was terminated while" in found.reason

    def test_an_end_with_errors_is_bad_with_any_severity(self):
        ended = event("Update environment operation is complete, but with errors. See them.", NOW, OUR_REQUEST)
        assert isinstance(verdict([started(), ended]), Bad)


class TestUndecided:
    def test_a_fleet_without_instances_is_undecided(self):
        assert verdict(SETTLED, []) == Undecided(f"shop-staging has no instances that could report {NEW}")

    @pytest.mark.parametrize(
        "silent",
        [instance(2, None, None), instance(2, status="In Progress"), instance(2, None, "In Progress")],
    )
    def test_an_instance_that_has_not_reported_is_waited_for_however_long(self, silent):
        found = verdict(SETTLED, [instance(1), silent])
        assert found == Undecided(f"i-2 has not yet reported {NEW} as deployed")

    def test_each_instance_that_has_not_reported_is_named(self):
        found = verdict(SETTLED, [instance(1), instance(2, None, None), instance(3, None, None)])
        assert found == Undecided(f"i-2, i-3 have not yet reported {NEW} as deployed")

    @pytest.mark.parametrize("health", [Health.PENDING, Health.UNKNOWN, Health.NO_DATA, Health.SUSPENDED])
    def test_health_without_a_severity_is_waited_for_however_long(self, health):
        ill = deploying(timers=unacceptable(NOW - timedelta(hours=1), 50))
        assert verdict(SETTLED, health=health, deployment=ill) == Undecided(f"the health of shop-staging is {health}")

    @pytest.mark.parametrize("reported", [BASIC_HEALTH, THROTTLED])
    def test_instances_that_reported_before_and_do_not_report_now_are_waited_for(self, reported):
        before = deploying(update=update(reports_instances=True))
        found = verdict(SETTLED, deployment=before, fleet=reported)
        assert found == Undecided("the instances of shop-staging no longer report their versions")


class TestHealth:
    def test_unacceptable_health_has_to_last(self):
        found = verdict(SETTLED, health=Health.SEVERE)
        assert isinstance(found, Unacceptable)
        assert found.health == UnacceptableHealth(since=NOW, looks=1)
        assert found.reason == "health is Severe; 1 evaluation has found unacceptable health since 03:04:05"

    @pytest.mark.parametrize(
        ("ago", "looks", "is_bad"),
        [(180, 2, True), (179, 9, False), (999, 1, False), (180, 1, False), (0, 2, False)],
    )
    def test_it_is_bad_after_bad_for_on_three_looks(self, ago, looks, is_bad):
        ill = deploying(timers=unacceptable(NOW - seconds(ago), looks))
        found = verdict(SETTLED, health=Health.SEVERE, deployment=ill)
        assert isinstance(found, Bad if is_bad else Unacceptable)
        since = f"{NOW - seconds(ago):%H:%M:%S}"
        assert found.reason == f"health is Severe; {looks + 1} evaluations have found unacceptable health since {since}"

    def test_it_is_never_bad_before_settle(self):
        ill = deploying(timers=unacceptable(NOW - timedelta(hours=1), 9))
        assert isinstance(verdict(DONE, health=Health.SEVERE, deployment=ill), Unacceptable)

    def test_the_reason_names_each_cause_of_the_instances_once(self):
        fleet = [instance(n, causes=("Application answers 500.",)) for n in (1, 2)]
        found = verdict(SETTLED, fleet, health=Health.DEGRADED)
        assert isinstance(found, Unacceptable)
        assert found.reason.count("Application answers 500") == 1

    def test_health_that_recovers_is_good(self):
        ill = deploying(timers=unacceptable(NOW - timedelta(hours=1), 9))
        assert isinstance(verdict(SETTLED, health=Health.INFO, deployment=ill), Proven)

    @pytest.mark.parametrize(
        ("health", "before", "acceptable"),
        [
            (Health.OK, Health.OK, True),
            (Health.INFO, Health.OK, True),
            (Health.WARNING, Health.OK, False),
            (Health.WARNING, Health.WARNING, True),
            (Health.INFO, Health.DEGRADED, True),
            (Health.WARNING, Health.DEGRADED, True),
            (Health.DEGRADED, Health.DEGRADED, True),
            (Health.SEVERE, Health.DEGRADED, False),
            (Health.SEVERE, Health.SEVERE, False),
            (Health.DEGRADED, Health.SEVERE, False),
            (Health.WARNING, Health.UNKNOWN, False),
            (Health.PENDING, Health.PENDING, False),
        ],
    )
    def test_configured_health_is_acceptable_and_so_is_the_health_before_unless_it_was_severe(
        self, health, before, acceptable
    ):
        assert is_acceptable(health, [Health.OK, Health.INFO], before) is acceptable

    def test_health_milder_than_the_accepted_is_acceptable(self):
        assert is_acceptable(Health.OK, [Health.WARNING], Health.OK)

    def test_nothing_is_acceptable_if_nothing_is_accepted_and_health_was_severe(self):
        assert not is_acceptable(Health.OK, [], Health.SEVERE)

    def test_severe_is_acceptable_if_it_is_configured(self):
        assert is_acceptable(Health.SEVERE, [Health.SEVERE], Health.OK)

    def test_the_deployments_own_configuration_counts(self):
        tolerant = deploying(rules=Rules(accept=(Health.OK, Health.WARNING)))
        assert isinstance(verdict(health=Health.WARNING, deployment=tolerant), Proven)


class TestAVersionThatIsDeployedAgain:
    BEFORE = (instance(1, deployment_id=7), instance(2, deployment_id=7))
    AGAIN = (instance(1, deployment_id=8), instance(2, deployment_id=8))

    @pytest.mark.parametrize("events", [DONE, SETTLED])
    def test_reports_of_the_deployment_before_do_not_prove_it_and_do_not_fail_it(self, events):
        found = verdict(events, [self.AGAIN[0], self.BEFORE[1]])
        assert found == Undecided(f"i-2 reported {NEW} from a deployment before this update")

    def test_each_instance_that_the_update_has_not_reached_is_named(self):
        found = verdict(DONE, [*self.BEFORE])
        assert found == Undecided(f"i-1, i-2 reported {NEW} from a deployment before this update")

    def test_reports_of_a_later_deployment_prove_it(self):
        assert isinstance(verdict(DONE, [*self.AGAIN]), Proven)

    def test_a_failure_in_the_deployment_before_is_not_blamed_on_the_version(self):
        found = verdict(SETTLED, [self.AGAIN[0], instance(2, NEW, "Failed", deployment_id=7)])
        assert isinstance(found, Bad)
        assert not found.ran_and_failed

    def test_a_failure_in_its_own_deployment_is(self):
        found = verdict(SETTLED, [self.AGAIN[0], instance(2, NEW, "Failed", deployment_id=8)])
        assert isinstance(found, Bad)
        assert found.ran_and_failed


class TestOvertaken:
    THEIRS = started(NOW - seconds(5), THEIR_REQUEST)

    OVER = (THEIRS, completed(NOW, THEIR_REQUEST))

    def settled(self, *instances: Instance, **differs: Any) -> Any:
        """Their update ended three minutes ago, and ours ended before."""
        begun, ended = started(NOW - SETTLE - seconds(20), THEIR_REQUEST), completed(NOW - SETTLE, THEIR_REQUEST)
        ours = [started(), completed(NOW - SETTLE - seconds(30))]
        plain: dict[str, Any] = {"updated_at": NOW - SETTLE}
        return verdict([*ours, begun, ended], [*instances] or FLEET, **(plain | differs))

    def test_somebody_elses_deployment_before_ours_was_proven_ends_it(self):
        found = verdict([*DONE, *self.OVER], version_label="shop-9")
        assert isinstance(found, Overtaken)
        assert found.reason.startswith(
            f"somebody else deployed shop-9 before {NEW} was proven: shop-staging has shop-9"
        )

    def test_somebody_elses_failed_deployment_is_not_blamed_on_ours(self):
        fleet = [instance(1), instance(2, "shop-9", "Failed", deployment_id=9)]
        found = verdict([*DONE, *self.OVER], fleet)
        assert isinstance(found, Overtaken)
        assert "shop-9 failed on instance i-2" in found.reason

    def test_two_versions_of_somebody_else_are_both_named(self):
        fleet = [instance(1, "shop-8", deployment_id=9), instance(2, "shop-9", deployment_id=9)]
        found = verdict([*DONE, *self.OVER], fleet)
        assert found.reason.startswith(f"somebody else deployed shop-8, shop-9 before {NEW} was proven: ")

    def test_a_failure_on_an_instance_that_reports_no_version_names_none(self):
        found = self.settled(instance(1), instance(2, None, "Failed"))
        assert found.reason.startswith("a deployment failed on instance i-2; ")

    def test_the_previous_version_was_deployed_if_ours_had_succeeded_before(self):
        old = [instance(number, OLD, deployment_id=9) for number in (1, 2)]
        found = self.settled(*old, version_label=OLD)
        assert isinstance(found, Overtaken)
        assert found.reason.startswith(f"somebody else deployed {OLD} before {NEW} was proven")
        assert isinstance(self.settled(version_label=OLD, fleet=BASIC_HEALTH), Overtaken)

    def test_until_settle_has_passed_the_previous_label_shows_no_deployment(self):
        assert isinstance(verdict([*DONE, *self.OVER], version_label=OLD), Undecided)

    def test_a_failure_after_a_change_of_settings_is_no_deployment_of_another_version(self):
        found = self.settled(instance(1), instance(2, NEW, "Failed"))
        assert found == Bad(
            f"{NEW} failed on instance i-2; of 2 instances, 1 has {NEW}, 1 has {NEW} (failed); another update of "
            f"shop-staging started at 03:00:45, before {NEW} was proven",
            ran_and_failed=True,
        )

    def test_an_instance_with_the_previous_version_shows_no_deployment_of_it(self):
        """A change of settings increases the DeploymentIds of all instances."""
        found = self.settled(instance(1, deployment_id=9), instance(2, OLD, deployment_id=9))
        assert isinstance(found, Bad)
        assert found.reason.startswith(f"instance i-2 runs {OLD}, not {NEW}")

    def test_another_update_whose_events_do_not_appear_yet_ended_when_the_environment_was_updated(self):
        differs = {"version_label": "shop-9", "updated_at": NOW - SETTLE + seconds(1)}
        assert isinstance(verdict(SETTLED, **differs), Undecided)
        assert isinstance(verdict(SETTLED, **(differs | {"updated_at": NOW - SETTLE})), Bad)

    def test_evidence_counts_after_settle_since_the_end_of_the_other_update(self):
        found = self.settled(instance(1), instance(2, NEW, "Failed"), updated_at=NOW - SETTLE + seconds(1))
        assert isinstance(found, Undecided)
        assert found.reason.endswith("; Wardrop waits, because an update has just ended")

    def test_somebody_elses_change_of_settings_leaves_ours_to_be_proven(self):
        assert isinstance(verdict([*DONE, self.THEIRS, completed(NOW, THEIR_REQUEST)]), Proven)

    def test_somebody_elses_update_before_ours_does_not_count(self):
        earlier = started(NOW - timedelta(minutes=30), THEIR_REQUEST)
        assert isinstance(verdict([earlier, *DONE]), Proven)

    def test_our_own_failure_is_reported_although_somebody_else_has_updated_since(self):
        failed = event("Failed to deploy application.", NOW - seconds(20), OUR_REQUEST, "ERROR")
        assert isinstance(verdict([started(), failed, self.THEIRS]), Bad)

    @pytest.mark.parametrize(
        ("deployment_id", "expected"),
        [(7, Bad), (9, Overtaken)],
        ids=["before the update", "after the failure"],
    )
    def test_another_version_on_an_instance_is_a_later_deployment_only_if_its_deployment_id_is_higher(
        self, deployment_id, expected
    ):
        failed = event("Failed to deploy application.", NOW - seconds(20), OUR_REQUEST, "ERROR")
        theirs = instance(2, "shop-9", "Failed", deployment_id=deployment_id)
        judged = verdict([started(), failed, self.THEIRS], [instance(1, OLD), theirs], version_label=OLD)
        assert isinstance(judged, expected)
        assert judged.reason.endswith("; somebody else then deployed shop-9") is (expected is Overtaken)


class TestAlarmsThatWereNotReadBeforeTheUpdate:
    """The time of the change decides. The function's clock says that the update was claimed five minutes ago."""

    def raised(self, seconds_after_start: float, **differs) -> list[str]:
        alarm = Alarm("shop-5xx", AlarmState.ALARM, NOW + seconds(seconds_after_start))
        deployment = deploying(rules=Rules(alarms=["shop-5xx"]))
        reading = situation(deployment, alarms=AlarmsReading((alarm,)), **differs)
        return [one.name for one in newly_raised(reading, deployment.update)]

    def test_the_event_of_the_start_gives_the_time_of_the_start(self):
        assert self.raised(-1, events=[started(NOW)]) == []
        assert self.raised(1, events=[started(NOW)]) == ["shop-5xx"]

    def test_while_the_environment_is_updating_its_date_gives_the_time_of_the_start(self):
        assert self.raised(-1, status="Updating", updated_at=NOW) == []
        assert self.raised(1, status="Updating", updated_at=NOW) == ["shop-5xx"]

    def test_otherwise_the_claim_gives_the_time_of_the_start(self):
        assert self.raised(-301) == []
        assert self.raised(-299) == ["shop-5xx"]

    @pytest.mark.parametrize(("at", "expected"), [(-301, Proven), (-299, Bad)])
    def test_an_alarm_since_the_claim_fails_the_version_if_the_event_of_the_start_is_lost(self, at, expected):
        deployment = deploying(rules=Rules(alarms=["shop-5xx"]))
        reading = AlarmsReading((Alarm("shop-5xx", AlarmState.ALARM, NOW + seconds(at)),))
        assert isinstance(verdict([completed()], deployment=deployment, alarms=reading), expected)


class TestWhoIsAtFault:
    """Whether a failed update counts as a failure of the version, which is then quarantined."""

    FAILED = event("Failed to deploy application.", severity="ERROR")
    DENIED = event("Unable to assume role 'arn:aws:iam::123456789012:role/x'.", severity="ERROR")

    @pytest.mark.parametrize(
        ("events", "instances", "ran_and_failed"),
        [
            ([FAILED], [instance(1, NEW, "Failed"), instance(2, OLD)], True),
            ([FAILED], [instance(1, OLD, "Failed", deployment_id=8), instance(2, OLD)], False),
            ([FAILED], [instance(1, OLD), instance(2, OLD)], False),
            ([DENIED, FAILED], [instance(1, NEW, "Failed"), instance(2, OLD)], False),
        ],
        ids=["an instance failed", "with another version", "no instance failed", "a permission is missing"],
    )
    def test_an_instance_must_have_failed_with_the_version(self, events, instances, ran_and_failed):
        judged = verdict([started(), *events], instances, version_label=OLD)
        assert isinstance(judged, Bad)
        assert judged.ran_and_failed is ran_and_failed

    def test_only_the_causes_of_instances_with_the_version_are_named(self):
        ill = {"causes": ("Application answers 500.",)}
        judged = verdict([started(), self.FAILED], [instance(1, NEW), instance(2, OLD, **ill)], version_label=OLD)
        assert judged.reason == f"Failed to deploy application; of 2 instances, 1 has {NEW}, 1 has {OLD}"


def test_an_environment_that_was_last_updated_before_the_claim_shows_no_start():
    alarm = Alarm("shop-5xx", AlarmState.ALARM, NOW - seconds(200))
    claimed = update(environment_updated_at=NOW - seconds(100))
    deployment = deploying(rules=Rules(alarms=["shop-5xx"]), update=claimed)
    shown = situation(
        deployment, alarms=AlarmsReading((alarm,)), status="Updating", updated_at=claimed.environment_updated_at
    )
    assert [one.name for one in newly_raised(shown, claimed)] == ["shop-5xx"]
