"""The rules for the start, the changes and the end of an incident. Each change is reported once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.samples import NOW, baking, deploying, environment
from wardrop.alerts.kinds import Kind, Severity
from wardrop.configuration.duration import Duration
from wardrop.configuration.rules import Rules
from wardrop.deployments.deployment import Deployment
from wardrop.environments.model import Environment, Health
from wardrop.health.evidence import EventEvidence, HealthCheck, HealthEvent
from wardrop.health.incident import Incident
from wardrop.health.incident_rules import fold
from wardrop.health.notification import Ended, IncidentNotification, merged

OPENED, WORSENED, FLAPPING, RECOVERED = (
    Kind.INCIDENT_OPENED,
    Kind.INCIDENT_WORSENED,
    Kind.INCIDENT_FLAPPING,
    Kind.INCIDENT_RECOVERED,
)
OK, INFO, WARNING, DEGRADED, SEVERE = Health.OK, Health.INFO, Health.WARNING, Health.DEGRADED, Health.SEVERE
UNDECIDED = [health for health in Health if health.severity is None]


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def at(minute: float) -> datetime:
    return NOW + minutes(minute)


class Checks:
    """An environment that is checked repeatedly. Times are minutes since NOW."""

    def __init__(self, alert_from: Health = WARNING, deployment: Deployment | None = None) -> None:
        self.recorded: Incident | None = None
        self.notifications: list[IncidentNotification] = []
        self.alert_from, self.deployment = alert_from, deployment

    def check(
        self, minute: float, shown: Environment | None, *events: HealthEvent, terminated: float | None = None
    ) -> list[Kind]:
        check = HealthCheck("shop-staging", "shop", at(minute), self.alert_from, shown, self.deployment)
        evidence = EventEvidence("shop", events, None if terminated is None else at(terminated))
        incident, notifications = fold(self.recorded, check.evidence(evidence, self.recorded), check)
        if incident is not None and incident != self.recorded:
            self.recorded = msgspec.structs.replace(incident, revision=incident.revision + 1)
        self.notifications += notifications
        return [notification.kind for notification in notifications]

    def tick(self, minute: float, health: Health, **shown: Any) -> list[Kind]:
        return self.check(minute, environment(health=health, **shown))

    def event(self, minute: float, health: Health, *, shows: Health | None = None, late: float = 0) -> list[Kind]:
        """An event that arrives this number of minutes late. DescribeEnvironments shows the same health, or `shows`."""
        event = HealthEvent(at(minute), health, causes="because")
        return self.check(minute + late, environment(health=shows or health), event)

    @property
    def kinds(self) -> list[Kind]:
        return [notification.kind for notification in self.notifications]

    @property
    def severities(self) -> list[Severity]:
        return [notification.severity for notification in self.notifications]

    @property
    def incident(self) -> Incident:
        assert self.recorded is not None
        return self.recorded

    @property
    def is_open(self) -> bool:
        return self.recorded is not None and self.recorded.is_open


class TestOpening:
    @pytest.mark.parametrize(
        ("health", "severity"),
        [(WARNING, Severity.WARNING), (DEGRADED, Severity.ERROR), (SEVERE, Severity.CRITICAL)],
    )
    @pytest.mark.parametrize("by", ["event", "tick"])
    def test_the_severity_follows_from_the_health_status(self, by, health, severity):
        checks = Checks()
        assert getattr(checks, by)(0, health) == [OPENED]
        assert checks.severities == [severity]

    @pytest.mark.parametrize(
        ("alert_from", "bad"),
        [(INFO, {INFO, WARNING, DEGRADED, SEVERE}), (DEGRADED, {DEGRADED, SEVERE}), (SEVERE, {SEVERE})],
    )
    def test_health_that_is_milder_than_configured_opens_nothing(self, alert_from, bad):
        assert {health for health in Health if Checks(alert_from).tick(0, health)} == bad

    def test_info_has_severity_info(self):
        checks = Checks(INFO)
        checks.tick(0, INFO)
        assert checks.severities == [Severity.INFO]

    @pytest.mark.parametrize("health", UNDECIDED)
    def test_a_status_without_severity_neither_opens_nor_closes(self, health):
        checks = Checks()
        assert checks.tick(0, health) == checks.event(1, health) == []
        assert checks.recorded is None
        checks.tick(2, SEVERE)
        assert checks.tick(3, health) == checks.event(4, health) == []
        assert checks.is_open

    def test_an_event_opens_an_incident_before_describe_environments_shows_it(self):
        assert Checks().event(0, SEVERE, shows=OK) == [OPENED]

    def test_the_causes_of_the_event_are_reported(self):
        checks = Checks()
        checks.event(0, SEVERE)
        assert [notification.causes for notification in checks.notifications] == ["because"]

    def test_an_event_older_than_15_minutes_is_ignored(self):
        assert Checks().event(0, SEVERE, shows=Health.UNKNOWN, late=15) == [OPENED]
        assert Checks().event(0, SEVERE, shows=Health.UNKNOWN, late=15.1) == []

    def test_an_event_dated_more_than_5_minutes_ahead_is_ignored_and_hides_no_later_evidence(self):
        assert Checks().event(5, SEVERE, shows=OK, late=-5) == [OPENED]
        checks = Checks()
        assert checks.event(600, SEVERE, shows=OK, late=-600) == []
        assert checks.tick(1, SEVERE) == [OPENED]

    def test_causes_of_an_event_do_not_explain_other_health(self):
        checks = Checks()
        checks.event(0, WARNING, shows=SEVERE, late=1)
        assert [(each.incident.health, each.causes) for each in checks.notifications] == [(SEVERE, "")]

    def test_an_event_of_the_same_time_as_the_newest_evidence_changes_nothing(self):
        checks = Checks()
        checks.tick(0, SEVERE)
        assert checks.event(0, OK, shows=SEVERE) == []
        assert checks.incident.health is SEVERE

    def test_an_incident_that_an_event_opened_belongs_to_the_environment_that_is_listed(self):
        checks = Checks()
        checks.check(0, None, HealthEvent(at(0), SEVERE))
        assert checks.incident.environment_id is None
        checks.tick(1, SEVERE, id="e-7")
        assert checks.incident.environment_id == "e-7"

    def test_health_that_gets_worse_within_one_check_is_reported_once_with_the_worst_status(self):
        checks = Checks()
        events = [HealthEvent(at(0), WARNING, OK), HealthEvent(at(1), SEVERE, WARNING)]
        assert checks.check(1, environment(health=SEVERE), *events) == [OPENED]
        assert checks.severities == [Severity.CRITICAL]
        assert checks.notifications[0].incident.before is OK

    @pytest.mark.parametrize("milliseconds", [0, 999])
    def test_the_id_contains_environment_and_time(self, milliseconds):
        checks = Checks()
        checks.tick(milliseconds / 60_000, SEVERE)
        assert checks.incident.id == f"shop-staging/2026-01-02T03:04:05.{milliseconds:03}Z"


class TestWorseningAndRecovery:
    def test_only_health_that_is_worse_than_all_reported_before_is_reported(self):
        checks = Checks()
        course = [WARNING, WARNING, DEGRADED, WARNING, DEGRADED, SEVERE, WARNING, SEVERE]
        assert [checks.tick(minute, health) for minute, health in enumerate(course)] == [
            [OPENED],
            [],
            [WORSENED],
            [],
            [],
            [WORSENED],
            [],
            [],
        ]

    def test_a_recovery_is_reported_with_severity_info(self):
        checks = Checks()
        checks.event(0, DEGRADED)
        assert checks.event(12, INFO) == [RECOVERED]
        assert checks.severities == [Severity.ERROR, Severity.INFO]
        assert not checks.is_open

    def test_for_30_seconds_after_an_event_describe_environments_does_not_contradict_it(self):
        checks = Checks()
        checks.event(0, SEVERE)
        assert checks.tick(0.4, OK) == []
        assert checks.tick(0.5, OK) == [RECOVERED]

    def test_an_outdated_answer_of_describe_environments_opens_no_incident(self):
        checks = Checks()
        checks.event(0, SEVERE)
        checks.event(5, OK)
        assert checks.tick(5.4, SEVERE) == []
        assert Checks().event(0, OK, shows=SEVERE) == []

    def test_each_notification_of_bad_health_has_the_time_and_the_causes_of_its_event(self):
        checks = Checks()
        for minute, health in ((0, WARNING), (1, SEVERE), (2, OK), (3, SEVERE)):
            checks.event(minute, health)
        assert checks.kinds == [OPENED, WORSENED, RECOVERED, FLAPPING]
        assert [(each.at, each.causes) for each in checks.notifications] == [
            (at(0), "because"),
            (at(1), "because"),
            (at(2), ""),
            (at(3), "because"),
        ]
        assert [each.incident.before for each in checks.notifications] == [None, WARNING, SEVERE, OK]
        assert checks.incident.event_at == at(3)

    @pytest.mark.parametrize(
        ("how", "health", "as_of"), [("event", WARNING, 1), ("tick", SEVERE, 1), ("tick", OK, 1), ("tick", WARNING, 0)]
    )
    def test_only_new_evidence_outdates_earlier_events(self, how, health, as_of):
        checks = Checks()
        checks.event(0, WARNING)
        getattr(checks, how)(1, health)
        assert checks.incident.as_of == at(as_of)

    def test_an_incident_that_an_event_opens_tells_so(self):
        checks = Checks()
        checks.event(0, SEVERE)
        [opened] = checks.notifications
        assert opened.incident.event_at == opened.incident.as_of == at(0)

    def test_each_notification_has_a_higher_number(self):
        checks = Checks()
        for minute, health in enumerate([WARNING, SEVERE, OK, SEVERE]):
            checks.tick(minute, health)
        assert [notification.incident.change for notification in checks.notifications] == [1, 2, 3, 4]

    def test_nothing_is_written_while_nothing_changes(self):
        checks = Checks()
        checks.tick(0, SEVERE)
        before = checks.incident
        checks.tick(1, SEVERE)
        assert checks.incident == before
        healthy = Checks()
        healthy.tick(0, OK)
        assert healthy.recorded is None


class TestFlapping:
    def test_it_is_reported_once_and_recovers_after_15_minutes_without_bad_health(self):
        checks = Checks()
        course = {0: DEGRADED, 5: OK, 10: DEGRADED, 12: OK, 14: DEGRADED, 16: OK, 20: OK, 30.9: OK, 31: OK}
        reported = {minute: checks.tick(minute, health) for minute, health in course.items()}
        assert {minute: kinds for minute, kinds in reported.items() if kinds} == {
            0: [OPENED],
            5: [RECOVERED],
            10: [FLAPPING],
            31: [RECOVERED],
        }
        assert checks.incident.flaps == 2
        assert {notification.incident.id for notification in checks.notifications} == {checks.incident.id}

    def test_the_time_since_the_recovery_counts_although_later_events_confirm_it(self):
        checks = Checks()
        for minute, health in ((0, SEVERE), (1, OK), (5, OK)):
            checks.event(minute, health)
        assert checks.event(17, SEVERE) == [OPENED]

    def test_health_that_is_worse_than_all_reported_before_is_reported(self):
        checks = Checks()
        for minute, health in enumerate([WARNING, OK, WARNING, OK, SEVERE, OK, SEVERE]):
            checks.tick(minute, health)
        assert checks.kinds == [OPENED, RECOVERED, FLAPPING, WORSENED]
        assert checks.severities[-1] is Severity.CRITICAL

    def test_milder_health_in_between_is_not_forgotten(self):
        checks = Checks()
        for minute, health in enumerate([SEVERE, OK, WARNING, SEVERE]):
            checks.tick(minute, health)
        assert checks.kinds == [OPENED, RECOVERED, FLAPPING]
        assert checks.incident.flaps == 1
        assert checks.incident.expires_at is None

    def test_health_that_returns_worse_is_reported_with_its_severity(self):
        checks = Checks()
        for minute, health in enumerate([WARNING, OK, SEVERE]):
            checks.tick(minute, health)
        assert checks.severities[-1] is Severity.CRITICAL

    @pytest.mark.parametrize(("minute", "kind"), [(20, FLAPPING), (20.1, OPENED)])
    def test_bad_health_more_than_15_minutes_after_the_recovery_is_a_new_incident(self, minute, kind):
        checks = Checks()
        for when, health in {0: DEGRADED, 5: OK, minute: DEGRADED}.items():
            checks.tick(when, health)
        assert checks.kinds == [OPENED, RECOVERED, kind]
        assert (checks.incident.application, checks.incident.revision) == ("shop", 3)
        assert len({each.incident.id for each in checks.notifications}) == (1 if kind is FLAPPING else 2)

    def test_a_recovery_that_did_not_outlast_the_check_is_not_reported(self):
        checks = Checks()
        checks.tick(0, DEGRADED)
        events = [HealthEvent(at(1), OK), HealthEvent(at(2), DEGRADED)]
        assert checks.check(2, environment(health=DEGRADED), *events) == [FLAPPING]


class TestDuringOurOwnDeployment:
    @pytest.mark.parametrize("deployment", [deploying(), baking()])
    def test_a_warning_is_reported_after_bad_for(self, deployment):
        checks = Checks(deployment=deployment)
        assert checks.tick(0, WARNING) == checks.tick(2.9, WARNING) == []
        assert checks.tick(3, WARNING) == [OPENED]

    def test_bad_for_is_the_rule_of_the_deployment(self):
        checks = Checks(deployment=deploying(rules=Rules(bad_for=Duration(minutes=1))))
        assert [checks.tick(minute, WARNING) for minute in (0, 1)] == [[], [OPENED]]

    def test_a_brief_warning_ends_without_a_report(self):
        checks = Checks(deployment=deploying())
        checks.tick(0, WARNING)
        assert checks.tick(1, OK) == []
        assert not checks.is_open
        checks.deployment = None
        assert checks.tick(2, WARNING) == [OPENED]

    def test_a_warning_that_outlasts_the_deployment_is_reported_at_once(self):
        checks = Checks(deployment=deploying())
        checks.tick(0, WARNING)
        checks.deployment = None
        assert checks.tick(1, WARNING) == [OPENED]

    @pytest.mark.parametrize("health", [DEGRADED, SEVERE])
    def test_worse_health_is_reported_at_once(self, health):
        checks = Checks(deployment=deploying())
        checks.tick(0, WARNING)
        assert checks.event(1, health) == [OPENED]

    def test_a_brief_warning_after_a_recovery_is_not_flapping(self):
        checks = Checks()
        checks.tick(0, DEGRADED)
        checks.deployment = deploying()
        course = {2: OK, 3: WARNING, 4: OK}
        assert [checks.tick(minute, health) for minute, health in course.items()] == [[RECOVERED], [], []]

    def test_a_brief_warning_of_a_closed_incident_that_ends_with_its_environment_is_not_reported(self):
        checks = Checks()
        checks.tick(0, DEGRADED)
        checks.deployment = deploying()
        checks.tick(2, OK)
        checks.tick(3, WARNING)
        assert checks.check(4, None, terminated=4) == []
        assert not checks.is_open

    def test_info_is_not_reported_even_if_it_is_configured_as_bad(self):
        checks = Checks(INFO, deploying())
        assert [checks.tick(minute, INFO) for minute in range(10)] == [[]] * 10

    def test_info_is_not_a_recovery_while_the_environment_is_being_changed(self):
        checks = Checks()
        checks.tick(0, SEVERE)
        assert checks.tick(1, INFO, status="Updating") == []
        checks.deployment = deploying()
        assert checks.tick(2, INFO) == []
        assert checks.tick(3, OK) == [RECOVERED]


class TestTheEndOfAnEnvironment:
    def ends(self, checks: Checks) -> list[Ended]:
        return [notification.ended for notification in checks.notifications if notification.ended]

    def test_a_termination_closes_the_incident(self):
        checks = Checks()
        checks.tick(0, SEVERE)
        assert checks.check(1, None, terminated=1) == [RECOVERED]
        assert self.ends(checks) == [Ended.TERMINATED]
        assert not checks.is_open

    def test_the_end_is_the_time_of_the_recovery_and_older_events_open_nothing(self):
        checks = Checks()
        checks.tick(0, SEVERE)
        checks.check(1, None)
        checks.check(2, None, terminated=1.5)
        closed = checks.incident
        assert (closed.bad_since, closed.recovered_at, closed.absent_since) == (None, at(1.5), None)
        assert closed.as_of == at(1.5)
        assert checks.event(1.2, SEVERE, shows=OK, late=1) == []

    def test_a_termination_at_the_time_of_the_first_evidence_closes_the_incident(self):
        checks = Checks()
        checks.tick(0, SEVERE)
        assert checks.check(1, None, terminated=0) == [RECOVERED]

    def test_a_closed_incident_is_not_closed_again(self):
        checks = Checks()
        checks.tick(0, SEVERE)
        checks.tick(1, OK)
        before = checks.incident
        assert [checks.check(minute, None) for minute in range(20, 40)] == [[]] * 20
        assert checks.incident == before

    def test_a_termination_from_before_the_incident_closes_nothing(self):
        checks = Checks()
        checks.tick(0, SEVERE)
        assert checks.check(1, environment(health=SEVERE), terminated=-1) == []

    def test_an_environment_that_is_not_shown_for_15_minutes_closes_the_incident(self):
        checks = Checks()
        checks.tick(0, SEVERE)
        assert [len(checks.check(minute, None)) for minute in range(1, 17)] == [0] * 15 + [1]
        assert self.ends(checks) == [Ended.NOT_SHOWN]

    def test_single_empty_answers_close_nothing(self):
        checks = Checks()
        checks.tick(0, SEVERE)
        for minute in range(1, 60):
            checks.check(minute, None if minute % 10 else environment(health=SEVERE))
        assert checks.kinds == [OPENED]

    def test_another_environment_with_the_same_name_has_an_incident_of_its_own(self):
        checks = Checks()
        checks.tick(0, SEVERE)
        assert checks.tick(1, SEVERE, id="e-other") == [RECOVERED, OPENED]
        assert self.ends(checks) == [Ended.NAME_REUSED]
        assert checks.incident.environment_id == "e-other"
        assert len({notification.incident.id for notification in checks.notifications}) == 2


class TestRepetition:
    def test_an_event_that_comes_twice_is_reported_once(self):
        checks = Checks()
        checks.event(0, SEVERE)
        assert checks.event(0, SEVERE, late=2) == []
        checks.event(5, OK)
        assert checks.event(0, SEVERE, shows=OK, late=6) == []
        assert checks.event(5, OK, late=9) == []
        assert checks.kinds == [OPENED, RECOVERED]

    def test_the_order_of_events_in_a_batch_does_not_matter(self):
        checks = Checks()
        assert checks.check(1, environment(), HealthEvent(at(1), OK), HealthEvent(at(0), SEVERE)) == [OPENED, RECOVERED]

    def test_a_closed_incident_expires_after_a_day_and_an_open_one_does_not(self):
        checks = Checks()
        checks.tick(0, SEVERE)
        assert checks.incident.expires_at is None
        checks.tick(1, OK)
        assert checks.incident.expires_at == int(at(1 + 24 * 60).timestamp())


LEVELS = [OK, INFO, WARNING, DEGRADED, SEVERE, Health.PENDING, Health.NO_DATA]
Course = dict[int, Health]


@st.composite
def histories(draw: st.DrawFn) -> tuple[Course, dict[int, list[int]]]:
    """Health by the minute, and the minutes in which each change is delivered: never, late, or more than once."""
    course = draw(st.dictionaries(st.integers(1, 60), st.sampled_from(LEVELS), max_size=12))
    course = {0: OK} | dict(sorted(course.items())) | {61: draw(st.sampled_from([OK, INFO, WARNING, SEVERE]))}
    delays = st.lists(st.integers(0, 14), max_size=3)
    return course, {minute: [minute + delay for delay in draw(delays)] for minute in course if minute}


def level(course: Course, minute: int) -> Health:
    return course[max(begin for begin in course if begin <= minute)]


def run(
    course: Course,
    deliveries: dict[int, list[int]],
    alert_from: Health,
    after_tick: Callable[[int, Checks], None] = lambda _minute, _checks: None,
) -> Checks:
    """A tick each minute, most of a minute after the events that arrive in it. The last half hour has no change."""
    checks = Checks(alert_from)
    for minute in range(61 + 14 + 16):
        arriving = [begin for begin, arrivals in deliveries.items() if minute in arrivals]
        shown = environment(health=level(course, minute))
        if arriving:
            events = [HealthEvent(at(begin), course[begin]) for begin in arriving]
            checks.check(minute + 0.1, shown, *reversed(events))
        checks.check(minute + 0.9, shown)
        after_tick(minute, checks)
    return checks


HISTORIES = given(histories(), st.sampled_from([INFO, WARNING, DEGRADED, SEVERE]))


@HISTORIES
def test_however_events_are_delivered_an_incident_is_open_in_the_end_exactly_if_health_is_bad(history, alert_from):
    course, deliveries = history
    assert run(course, deliveries, alert_from).is_open == course[61].is_at_least(alert_from)


@HISTORIES
def test_however_events_are_delivered_the_notifications_of_an_incident_follow_each_other(history, alert_from):
    checks = run(*history, alert_from)
    for incident_id in dict.fromkeys(each.incident.id for each in checks.notifications):
        notifications = [each for each in checks.notifications if each.incident.id == incident_id]
        kinds = [each.kind for each in notifications if each.kind is not WORSENED]
        assert kinds == [OPENED, RECOVERED, FLAPPING, RECOVERED][: len(kinds)]
        for earlier, later in pairwise(each for each in notifications if not each.is_recovery):
            if later.kind is WORSENED:
                assert later.incident.health.severity > (earlier.incident.health.severity or 0)
    for each in checks.notifications:
        assert (each.severity is Severity.CRITICAL) == (not each.is_recovery and each.incident.health is SEVERE)
        assert each.is_recovery or each.incident.health.is_at_least(alert_from)
    numbers = {(each.incident.id, each.incident.change) for each in checks.notifications}
    assert len(numbers) == len(checks.notifications)


@HISTORIES
def test_however_events_are_delivered_every_minute_of_bad_health_has_an_open_incident(history, alert_from):
    course, deliveries = history
    open_in: dict[int, bool] = {}
    run(course, deliveries, alert_from, lambda minute, checks: open_in.update({minute: checks.is_open}))
    assert all(open_in[minute] for minute in open_in if level(course, minute).is_at_least(alert_from))


EVENTS = st.lists(
    st.builds(HealthEvent, at=st.integers(-14, 0).map(at), health=st.sampled_from(LEVELS), causes=st.just("because")),
    max_size=5,
)
SHOWN = st.none() | st.builds(
    lambda health, status: environment(health=health, status=status),
    st.sampled_from(LEVELS),
    st.sampled_from(["Ready", "Updating"]),
)
OPEN_INCIDENTS = st.lists(st.sampled_from([OK, WARNING, DEGRADED, SEVERE]), max_size=5)
"""The health at the ticks before the last, which shows Severe."""


@given(OPEN_INCIDENTS, SHOWN, EVENTS, st.none() | st.integers(-14, 0), st.none() | st.just(deploying()))
def test_folding_item_by_item_equals_folding_all_at_once(course, shown, events, terminated, deployment):
    """For a reported incident that is open: without an incident, the ledger does not keep the time of an event.

    The causes are left out, because the ledger does not keep them.
    """
    checks = Checks()
    for minute, health in enumerate([*course, SEVERE], -20):
        checks.tick(minute, health)
    check = HealthCheck("shop-staging", "shop", at(0), WARNING, shown, deployment)
    batch = EventEvidence("shop", tuple(events), None if terminated is None else at(terminated))
    evidence = check.evidence(batch, checks.recorded)

    incident, one_by_one = checks.recorded, list[IncidentNotification]()
    for item in evidence:
        incident, notifications = fold(incident, [item], check)
        assert len(notifications) <= 1
        one_by_one += notifications

    at_once = fold(checks.recorded, evidence, check)
    assert incident == at_once[0]
    assert [_summary(each) for each in merged(one_by_one)] == [_summary(each) for each in at_once[1]]


def _summary(notification: IncidentNotification) -> tuple[Kind, datetime, Severity, Ended | None, int]:
    return (
        notification.kind,
        notification.at,
        notification.severity,
        notification.ended,
        notification.incident.change,
    )
