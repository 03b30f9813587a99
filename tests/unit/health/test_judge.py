"""Incidents: what opens, worsens and closes one, what is told of it, and that it is told once."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.samples import NOW, baking, deploying, environment
from wardrop.alerts.model import Kind, Severity
from wardrop.configuration.rules import Rules
from wardrop.deployments.deployment import Deployment
from wardrop.environments.model import Environment, Health
from wardrop.health.incident import Evidence, Incident, Told, Transition
from wardrop.health.judge import is_bad, judge

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


class Ward:
    """One environment, judged again and again; times are minutes since NOW."""

    def __init__(self, alert_from: Health = WARNING, deployment: Deployment | None = None) -> None:
        self.record: Incident | None = None
        self.told: list[Told] = []
        self.alert_from, self.deployment = alert_from, deployment

    def look(self, at: datetime, shown: Environment | None, *heard: Transition, **more: Any) -> list[Told]:
        evidence = Evidence("shop-staging", "shop", shown, heard, deployment=self.deployment, **more)
        judgement = judge(self.record, evidence, self.alert_from, at)
        if judgement.incident is not None:
            self.record = msgspec.structs.replace(judgement.incident, revision=judgement.incident.revision + 1)
        self.told += judgement.told
        return judgement.told

    def tick(self, minute: float, health: Health, **shown: Any) -> list[Kind]:
        return [one.kind for one in self.look(NOW + minutes(minute), environment(health=health, **shown))]

    def event(self, minute: float, health: Health, *, level: Health | None = None, late: float = 0) -> list[Kind]:
        """As it comes so many minutes late, while DescribeEnvironments shows the same unless another is named."""
        shown = environment(health=level or health)
        told = Transition(NOW + minutes(minute), health, causes="because")
        return [one.kind for one in self.look(NOW + minutes(minute + late), shown, told)]

    @property
    def kinds(self) -> list[Kind]:
        return [one.kind for one in self.told]

    @property
    def is_open(self) -> bool:
        return self.record is not None and self.record.is_open


class TestOpening:
    @pytest.mark.parametrize(
        ("health", "severity"),
        [(WARNING, Severity.WARNING), (DEGRADED, Severity.ERROR), (SEVERE, Severity.CRITICAL)],
    )
    @pytest.mark.parametrize("by", ["event", "tick"])
    def test_severity_is_that_of_the_health_that_was_reached(self, by, health, severity):
        ward = Ward()
        assert getattr(ward, by)(0, health) == [OPENED]
        assert ward.told[0].severity is severity

    @pytest.mark.parametrize(
        ("alert_from", "told"),
        [(INFO, {INFO, WARNING, DEGRADED, SEVERE}), (DEGRADED, {DEGRADED, SEVERE}), (SEVERE, {SEVERE})],
    )
    def test_only_from_the_health_that_is_configured(self, alert_from, told):
        assert {health for health in Health if Ward(alert_from).tick(0, health)} == told

    def test_info_is_information(self):
        ward = Ward(INFO)
        ward.tick(0, INFO)
        assert ward.told[0].severity is Severity.INFO

    @pytest.mark.parametrize("health", UNDECIDED)
    def test_what_says_nothing_neither_opens_nor_closes(self, health):
        ward = Ward()
        assert ward.tick(0, health) == ward.event(1, health) == []
        assert ward.record is None
        ward.tick(2, SEVERE)
        assert ward.tick(3, health) == ward.event(4, health) == []
        assert ward.is_open

    def test_an_event_opens_one_where_the_level_shows_nothing_yet(self):
        assert Ward().event(0, SEVERE, level=OK) == [OPENED]

    def test_the_text_says_whether_beanstalk_told(self):
        ward, other = Ward(), Ward()
        ward.event(0, SEVERE)
        other.tick(0, SEVERE)
        assert ward.told[0].text == "health went to Severe; Beanstalk tells so"
        assert other.told[0].text == "health went to Severe; no event of Beanstalk told"

    def test_an_event_of_a_quarter_of_an_hour_ago_is_history(self):
        assert Ward().event(0, SEVERE, level=OK, late=15.1) == []

    def test_a_date_far_ahead_is_none_and_silences_nothing_that_follows(self):
        ward = Ward()
        assert ward.event(600, SEVERE, level=OK, late=-600) == []
        assert ward.tick(1, SEVERE) == [OPENED]

    def test_what_gets_worse_within_one_look_is_told_once_at_its_worst(self):
        ward = Ward()
        heard = [Transition(NOW, WARNING, OK), Transition(NOW + minutes(1), SEVERE, WARNING)]
        ward.look(NOW + minutes(1), environment(health=SEVERE), *heard)
        assert ward.kinds == [OPENED]
        assert ward.told[0].severity is Severity.CRITICAL
        assert ward.told[0].text == "health went from Ok to Severe; Beanstalk tells so"

    def test_its_id_names_environment_and_time(self):
        ward = Ward()
        ward.tick(0, SEVERE)
        assert ward.record is not None
        assert ward.record.id == "shop-staging/2026-01-02T03:04:05.000Z"


class TestTheCourse:
    def test_only_what_is_worse_than_the_worst_that_was_told_is_told(self):
        ward = Ward()
        course = [WARNING, WARNING, DEGRADED, WARNING, DEGRADED, SEVERE, WARNING, SEVERE]
        assert [ward.tick(minute, health) for minute, health in enumerate(course)] == [
            [OPENED],
            [],
            [WORSENED],
            [],
            [],
            [WORSENED],
            [],
            [],
        ]

    def test_it_recovers_and_says_after_how_long(self):
        ward = Ward()
        ward.event(0, DEGRADED)
        assert ward.event(12, INFO) == [RECOVERED]
        assert ward.told[1].text == "health is Info again, after 12 min"
        assert ward.told[1].severity is Severity.INFO
        assert not ward.is_open

    def test_a_level_that_contradicts_a_fresh_event_waits_for_the_next_tick(self):
        ward = Ward()
        ward.event(0, SEVERE)
        assert ward.tick(0.4, OK) == []
        assert ward.tick(0.6, OK) == [RECOVERED]

    def test_neither_does_a_stale_level_open_one_again(self):
        ward = Ward()
        ward.event(0, SEVERE)
        ward.event(5, OK)
        assert ward.tick(5.4, SEVERE) == []
        assert Ward().event(0, OK, level=SEVERE) == []

    def test_each_change_has_a_higher_number(self):
        ward = Ward()
        for minute, health in enumerate([WARNING, SEVERE, OK, SEVERE]):
            ward.tick(minute, health)
        assert [one.incident.change for one in ward.told] == [1, 2, 3, 4]

    def test_nothing_is_written_while_nothing_changes(self):
        ward = Ward()
        ward.tick(0, SEVERE)
        before = ward.record
        ward.tick(1, SEVERE)
        assert ward.record == before
        healthy = Ward()
        healthy.tick(0, OK)
        assert healthy.record is None


class TestFlapping:
    def test_what_comes_back_soon_is_told_once_and_then_silent_until_it_stays_well(self):
        ward = Ward()
        course = {0: DEGRADED, 5: OK, 10: DEGRADED, 12: OK, 14: DEGRADED, 16: OK, 20: OK, 30.9: OK, 31: OK}
        told = {minute: ward.tick(minute, health) for minute, health in course.items()}
        assert {minute: kinds for minute, kinds in told.items() if kinds} == {
            0: [OPENED],
            5: [RECOVERED],
            10: [FLAPPING],
            31: [RECOVERED],
        }
        assert "it came back 2 times within 16 min" in ward.told[-1].text
        assert {one.incident.id for one in ward.told} == {"shop-staging/2026-01-02T03:04:05.000Z"}

    def test_what_is_worse_than_ever_told_is_told_also_then(self):
        ward = Ward()
        for minute, health in enumerate([WARNING, OK, WARNING, OK, SEVERE, OK, SEVERE]):
            ward.tick(minute, health)
        assert ward.kinds == [OPENED, RECOVERED, FLAPPING, WORSENED]
        assert ward.told[-1].severity is Severity.CRITICAL

    def test_what_comes_back_worse_is_told_as_bad_as_it_is(self):
        ward = Ward()
        for minute, health in enumerate([WARNING, OK, SEVERE]):
            ward.tick(minute, health)
        assert ward.told[-1].severity is Severity.CRITICAL

    def test_what_comes_back_later_is_another_incident(self):
        ward = Ward()
        for minute, health in {0: DEGRADED, 5: OK, 20.1: DEGRADED}.items():
            ward.tick(minute, health)
        assert ward.kinds == [OPENED, RECOVERED, OPENED]
        assert len({one.incident.id for one in ward.told}) == 2

    def test_a_recovery_that_did_not_outlast_one_look_is_not_told(self):
        ward = Ward()
        ward.tick(0, DEGRADED)
        heard = [Transition(NOW + minutes(1), OK), Transition(NOW + minutes(2), DEGRADED)]
        ward.look(NOW + minutes(2), environment(health=DEGRADED), *heard)
        assert ward.kinds == [OPENED, FLAPPING]


class TestDuringOurOwnDeployment:
    @pytest.mark.parametrize("deployment", [deploying(), baking()])
    def test_a_brief_warning_is_silent_and_one_that_lasts_is_told(self, deployment):
        ward = Ward(deployment=deployment)
        assert ward.tick(0, WARNING) == ward.tick(2.9, WARNING) == []
        assert ward.tick(3, WARNING) == [OPENED]
        assert "Wardrop's deployment of shop-2.0 is under way there" in ward.told[0].text

    def test_how_long_is_pinned_to_the_deployment(self):
        ward = Ward(deployment=deploying(rules=Rules(bad_for=60)))
        assert [ward.tick(minute, WARNING) for minute in (0, 1)] == [[], [OPENED]]

    def test_a_brief_warning_that_nobody_heard_of_ends_unheard(self):
        ward = Ward(deployment=deploying())
        ward.tick(0, WARNING)
        assert ward.tick(1, OK) == []
        assert not ward.is_open
        ward.deployment = None
        assert ward.tick(2, WARNING) == [OPENED]

    def test_a_warning_that_outlasts_the_deployment_is_told_at_once(self):
        ward = Ward(deployment=deploying())
        ward.tick(0, WARNING)
        ward.deployment = None
        assert ward.tick(1, WARNING) == [OPENED]

    @pytest.mark.parametrize("health", [DEGRADED, SEVERE])
    def test_what_is_worse_is_told_at_once(self, health):
        ward = Ward(deployment=deploying())
        ward.tick(0, WARNING)
        assert ward.event(1, health) == [OPENED]

    def test_a_brief_warning_after_a_recovery_is_no_flapping(self):
        ward = Ward()
        ward.tick(0, DEGRADED)
        ward.deployment = deploying()
        assert [ward.tick(minute, health) for minute, health in {2: OK, 3: WARNING, 4: OK}.items()] == [
            [RECOVERED],
            [],
            [],
        ]

    def test_info_is_silent_also_where_it_is_bad(self):
        ward = Ward(INFO, deploying())
        assert [ward.tick(minute, INFO) for minute in range(10)] == [[]] * 10

    def test_info_is_no_recovery_while_anything_is_done_to_the_environment(self):
        ward = Ward()
        ward.tick(0, SEVERE)
        assert ward.tick(1, INFO, status="Updating") == []
        ward.deployment = deploying()
        assert ward.tick(2, INFO) == []
        assert ward.tick(3, OK) == [RECOVERED]


class TestTheEndOfAnEnvironment:
    def test_an_incident_ends_with_its_environment_and_says_so(self):
        ward = Ward()
        ward.tick(0, SEVERE)
        told = ward.look(NOW + minutes(1), None, terminated_at=NOW + minutes(1))
        assert [one.kind for one in told] == [RECOVERED]
        assert told[0].title == "the incident ends, it is terminated"
        assert told[0].text == "the incident ends, it is terminated; health was Severe"
        assert not ward.is_open

    def test_the_termination_of_one_before_ends_nothing(self):
        ward = Ward()
        ward.tick(0, SEVERE)
        assert ward.look(NOW + minutes(1), environment(health=SEVERE), terminated_at=NOW - minutes(1)) == []

    def test_one_that_is_not_shown_for_a_quarter_of_an_hour_ends_it_too(self):
        ward = Ward()
        ward.tick(0, SEVERE)
        told = [ward.look(NOW + minutes(minute), None) for minute in range(1, 17)]
        assert [len(one) for one in told] == [0] * 15 + [1]
        assert "Beanstalk has not shown it for 15 min" in told[-1][0].text

    def test_an_empty_answer_in_between_ends_nothing(self):
        ward = Ward()
        ward.tick(0, SEVERE)
        for minute in range(1, 60):
            ward.look(NOW + minutes(minute), None if minute % 10 else environment(health=SEVERE))
        assert ward.kinds == [OPENED]

    def test_another_environment_of_the_same_name_is_another_story(self):
        ward = Ward()
        ward.tick(0, SEVERE)
        assert ward.tick(1, SEVERE, id="e-other") == [RECOVERED, OPENED]
        assert ward.record is not None
        assert ward.record.environment_id == "e-other"
        assert len({one.incident.id for one in ward.told}) == 2


class TestRepetition:
    def test_a_double_tells_nothing_whenever_it_comes(self):
        ward = Ward()
        ward.event(0, SEVERE)
        assert ward.event(0, SEVERE, late=2) == []
        ward.event(5, OK)
        assert ward.event(0, SEVERE, level=OK, late=6) == []
        assert ward.event(5, OK, late=9) == []
        assert ward.kinds == [OPENED, RECOVERED]

    def test_in_the_wrong_order_they_tell_the_same(self):
        ward = Ward()
        heard = [Transition(NOW + minutes(1), OK), Transition(NOW, SEVERE)]
        ward.look(NOW + minutes(1), environment(), *heard)
        assert ward.kinds == [OPENED, RECOVERED]

    def test_a_closed_incident_is_kept_for_a_day_and_an_open_one_for_ever(self):
        ward = Ward()
        ward.tick(0, SEVERE)
        assert ward.record is not None
        assert ward.record.expires_at is None
        ward.tick(1, OK)
        assert ward.record.expires_at == int((NOW + minutes(1 + 24 * 60)).timestamp())


LEVELS = [OK, INFO, WARNING, DEGRADED, SEVERE, Health.PENDING, Health.NO_DATA]


@st.composite
def histories(draw: st.DrawFn) -> tuple[dict[int, Health], dict[int, list[int]]]:
    """How health goes, by the minute, and in which minutes each change is delivered: never, late, more than once."""
    course = draw(st.dictionaries(st.integers(1, 60), st.sampled_from(LEVELS), max_size=12))
    course = {0: OK} | dict(sorted(course.items())) | {61: draw(st.sampled_from([OK, INFO, WARNING, SEVERE]))}
    delays = st.lists(st.integers(0, 14), max_size=3)
    return course, {minute: [minute + delay for delay in draw(delays)] for minute in course if minute}


def level(course: dict[int, Health], minute: int) -> Health:
    return course[max(one for one in course if one <= minute)]


def lived(
    course: dict[int, Health], delivered: dict[int, list[int]], alert_from: Health, ward: Ward | None = None
) -> Ward:
    """A tick each minute, most of a minute after the events that come in it; at the end half an hour of quiet."""
    ward = ward or Ward(alert_from)
    for minute in range(61 + 14 + 16):
        heard = [Transition(NOW + minutes(one), course[one]) for one, when in delivered.items() if minute in when]
        shown = environment(health=level(course, minute))
        if heard:
            ward.look(NOW + minutes(minute + 0.1), shown, *reversed(heard))
        ward.look(NOW + minutes(minute + 0.9), shown)
    return ward


HISTORIES = given(histories(), st.sampled_from([INFO, WARNING, DEGRADED, SEVERE]))


@HISTORIES
def test_whatever_becomes_of_events_an_incident_is_open_in_the_end_exactly_if_health_is_bad(history, alert_from):
    course, delivered = history
    ward = lived(course, delivered, alert_from)
    assert ward.is_open == is_bad(course[61], alert_from)


@HISTORIES
def test_whatever_becomes_of_events_what_is_told_of_an_incident_makes_sense(history, alert_from):
    ward = lived(*history, alert_from)
    for its_id in dict.fromkeys(one.incident.id for one in ward.told):
        told = [one for one in ward.told if one.incident.id == its_id]
        kinds = [one.kind for one in told if one.kind is not WORSENED]
        assert kinds == [OPENED, RECOVERED, FLAPPING, RECOVERED][: len(kinds)]
        for earlier, later in pairwise(one for one in told if one.is_trouble):
            if later.kind is WORSENED:
                assert later.incident.health.severity > (earlier.incident.health.severity or 0)
    for one in ward.told:
        assert (one.severity is Severity.CRITICAL) == (one.is_trouble and one.incident.health is SEVERE)
        assert not one.is_trouble or is_bad(one.incident.health, alert_from)
    assert len({(one.incident.id, one.incident.change) for one in ward.told}) == len(ward.told)


@HISTORIES
def test_whatever_becomes_of_events_no_bad_minute_goes_without_an_open_incident(history, alert_from):
    course, delivered = history
    open_at: dict[int, bool] = {}

    class Watchful(Ward):
        def look(self, at: datetime, shown: Environment | None, *heard: Transition, **more: Any) -> list[Told]:
            told = super().look(at, shown, *heard, **more)
            if not heard:
                open_at[int((at - NOW).total_seconds() // 60)] = self.is_open
            return told

    lived(course, delivered, alert_from, Watchful(alert_from))
    assert all(open_at[minute] for minute in open_at if is_bad(level(course, minute), alert_from))
