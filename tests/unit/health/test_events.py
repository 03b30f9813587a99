"""What people are told of each event of Beanstalk, of alarms, and of whatever else comes in such an envelope."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.samples import NOW, deploying, environment, event_files, queued, seconds
from tests.unit.told import World, health_event, told
from wardrop.alerts.model import Alert, Kind, Severity
from wardrop.alerts.text import facts, headline
from wardrop.deployments.deployment import Moment
from wardrop.deployments.state import State
from wardrop.environments.model import Health

FILES = event_files("watch_environments")
INFO, WARNING, ERROR, CRITICAL = Severity.INFO, Severity.WARNING, Severity.ERROR, Severity.CRITICAL

TOLD: dict[str, list[tuple[Severity, str]]] = {
    "alarm_dead_letters": [(ERROR, "Wardrop is stuck")],
    "alarm_dead_letters_gone": [(INFO, "Wardrop is no longer stuck")],
    "application_update_failed": [(ERROR, "shop-staging: an update failed")],
    "basic_health_from_yellow_to_red": [(CRITICAL, "shop-staging: health is Severe")],
    "basic_health_red": [(CRITICAL, "shop-staging: health is Severe")],
    "creation_failed": [(ERROR, "shop-staging: it could not be launched")],
    "creation_successful_with_issues": [(WARNING, "shop-staging: it was launched, but there were issues")],
    "health_doubled_and_reordered": [
        (CRITICAL, "shop-staging: health is Severe"),
        (INFO, "shop-staging: recovered after 1 min"),
    ],
    "health_from_pending_to_warning": [(WARNING, "shop-staging: health is Warning")],
    "health_no_data": [(WARNING, "shop-staging: Beanstalk does not see how it is")],
    "health_severe": [(CRITICAL, "shop-staging: health is Severe")],
    "health_severe_by_command": [(CRITICAL, "shop-staging: health is Severe")],
    "health_suspended": [(WARNING, "shop-staging: Beanstalk does not see how it is")],
    "health_unknown": [(WARNING, "shop-staging: Beanstalk does not see how it is")],
    "health_warning": [(WARNING, "shop-staging: health is Warning")],
    "health_without_before": [(ERROR, "shop-staging: health is Degraded")],
    "health_without_words": [(WARNING, "shop-staging: Beanstalk tells something that Wardrop does not know")],
    "health_worsening": [(CRITICAL, "shop-staging: health is Severe")],
    "load_balancer_deleted": [(ERROR, "shop-staging: its load balancer was deleted")],
    "load_balancer_deleted_while_terminating": [(WARNING, "shop-staging: it is being terminated")],
    "managed_update_failed": [(ERROR, "shop-staging: a managed platform update failed")],
    "missing_fields": [(WARNING, "shop-staging: Beanstalk tells something that Wardrop does not know")],
    "newer_envelope_with_unknown_fields": [(CRITICAL, "shop-staging: health is Severe")],
    "termination_failed": [(ERROR, "shop-staging: it could not be terminated")],
    "termination_started": [(WARNING, "shop-staging: it is being terminated")],
    "termination_successful": [(WARNING, "shop-staging: it is terminated")],
    "unknown_status": [(WARNING, "shop-staging: Beanstalk tells something that Wardrop does not know")],
    "unknown_status_error": [(ERROR, "shop-staging: Beanstalk tells an error that Wardrop does not know")],
    "unknown_status_with_hostile_message": [
        (WARNING, "shop-staging: Beanstalk tells something that Wardrop does not know")
    ],
    "update_failed": [(ERROR, "shop-staging: an update failed")],
} | {name: [(ERROR, "shop-staging: health is Degraded")] for name in FILES if name.startswith("health_degraded")}
"""Of the files that are not here nobody is told."""


@pytest.mark.parametrize("name", [name for name in FILES if not name.endswith("_ignored") and name != "tick"])
def test_of_each_event_people_are_told_what_it_is_worth(name):
    assert [(one.severity, headline(one)) for one in told(name)] == TOLD.get(name, [])


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith("_ignored")])
def test_what_reaches_nobody_is_in_no_row(name):
    assert name not in TOLD


@pytest.mark.parametrize("name", TOLD)
def test_whatever_comes_twice_is_told_once(name):
    world = World()
    for later in (0, 1, 120):
        world.hear(FILES[name], NOW + seconds(later))
    [*again] = [one for one in world.alerts if one.kind is not Kind.INCIDENT_RECOVERED]
    assert len(again) == len([one for one in TOLD[name] if "recovered" not in one[1]])


def only(name: str, **shown: Any) -> Alert:
    [alert] = told(name, environment(**shown))
    return alert


class TestHappenings:
    def test_the_same_event_under_another_id_is_the_same(self):
        world = World()
        world.hear(FILES["managed_update_failed"])
        again = json.loads(json.dumps(FILES["managed_update_failed"]).replace("1234a678", "9999a678"))
        world.hear(again)
        assert world.kinds == [Kind.MANAGED_UPDATE_FAILED]

    def test_two_that_differ_only_in_their_text_are_two(self):
        world = World()
        world.hear(FILES["load_balancer_deleted"])
        world.hear(json.loads(json.dumps(FILES["load_balancer_deleted"]).replace("awseb-AWSEB-1", "awseb-AWSEB-2")))
        assert len(world.alerts) == 2

    def test_a_load_balancer_goes_with_an_environment_that_is_gone_and_that_is_no_news(self):
        world = World(environment(name="shop-prod"))
        world.hear(FILES["load_balancer_deleted"])
        assert world.alerts == []

    def test_its_application_is_looked_up_where_the_event_names_none(self):
        event = json.loads(json.dumps(FILES["managed_update_failed"]).replace('\\"shop\\"', '\\"\\"'))
        world = World()
        world.hear(event)
        assert [one.application for one in world.alerts] == ["shop"]

    def test_of_one_that_names_none_and_is_not_shown_nobody_is_told(self):
        event = json.loads(json.dumps(FILES["managed_update_failed"]).replace('\\"shop\\"', '\\"\\"'))
        world = World(environment(name="shop-prod"))
        world.hear(event)
        assert world.alerts == []

    def test_a_long_and_hostile_message_is_quoted_on_one_line_and_cut(self):
        alert = only("unknown_status_with_hostile_message")
        assert len(alert.text) == 500
        assert "\n" not in alert.text
        assert alert.text.startswith("<!channel> `rm -rf /`")
        assert alert.text.endswith("…")

    def test_it_leads_to_the_environment(self):
        alert = only("load_balancer_deleted")
        assert (alert.environment_id, alert.next_step) == ("e-1", "wardrop status shop-staging")
        assert alert.at.isoformat() == "2026-01-02T03:04:04.951000+00:00"

    def test_sight_that_is_lost_while_something_is_done_is_no_news(self):
        assert told("health_no_data", environment(status="Updating")) == []
        assert told("health_suspended", environment(status="Launching")) == []
        assert only("health_suspended", status="Updating").severity is WARNING

    def test_sight_that_comes_and_goes_is_told_once_an_hour(self):
        world = World()
        for minute in range(50):
            at = NOW + seconds(60 * minute)
            world.hear(health_event(f"Environment health has transitioned from Ok to Unknown. {minute}", at), at)
        assert len(world.alerts) == 1

    @pytest.mark.parametrize("date", [None, "yesterday", -1, 0, 1e300, 253402300800000, True, [], 1767323044951 * 10])
    def test_an_event_without_a_date_that_can_be_happened_now(self, date):
        [record] = FILES["managed_update_failed"]["Records"]
        body = json.loads(record["body"])
        body["detail"]["EventDate"] = date
        world = World()
        world.hear({"Records": [{"messageId": "1", "body": json.dumps(body)}]})
        assert [one.at for one in world.alerts] == [NOW]


class TestAFailedUpdate:
    def test_of_our_own_the_deployment_tells(self):
        world = World()
        began = [Moment(NOW - seconds(600), State.QUEUED, ""), Moment(NOW - seconds(300), State.DEPLOYING, "")]
        world.ledger.deployments = [deploying(history=began)]
        world.hear(FILES["application_update_failed"])
        assert world.alerts == []

    def test_of_our_own_that_is_over_by_now_too(self):
        world = World()
        moments = [
            Moment(NOW - seconds(300), State.DEPLOYING, ""),
            Moment(NOW - seconds(5), State.ROLLING_BACK, ""),
            Moment(NOW + seconds(300), State.ROLLED_BACK, ""),
        ]
        world.ledger.past = [deploying(state=State.ROLLED_BACK, history=moments)]
        world.hear(FILES["application_update_failed"], NOW + seconds(301))
        assert world.alerts == []

    def test_of_somebody_elses_while_ours_waits_people_are_told(self):
        world = World()
        world.ledger.deployments = [queued()]
        world.hear(FILES["update_failed"])
        assert world.kinds == [Kind.ENVIRONMENT_EVENT]

    def test_of_somebody_elses_after_ours_was_over_people_are_told(self):
        world = World()
        moments = [Moment(NOW - seconds(600), State.DEPLOYING, ""), Moment(NOW - seconds(300), State.SUCCEEDED, "")]
        world.ledger.past = [deploying(state=State.SUCCEEDED, history=moments)]
        world.hear(FILES["update_failed"])
        assert world.kinds == [Kind.ENVIRONMENT_EVENT]


class TestWordings:
    @pytest.mark.parametrize(
        ("message", "health"),
        [
            ("Environment health has transitioned to Severe.", Health.SEVERE),
            ("Environment health has transitioned from No Data to Severe. Impaired.", Health.SEVERE),
            ("Environment health has transitioned from NoData to Degraded.", Health.DEGRADED),
            ("Environment health has transitioned from Severe to Degraded", Health.DEGRADED),
            ("Environment health has been set to RED", Health.SEVERE),
            ("Environment health has been set to YELLOW", Health.WARNING),
            ("Environment health has transitioned from GREEN to YELLOW", Health.WARNING),
        ],
    )
    def test_each_of_beanstalks_is_understood(self, message, health):
        world = World()
        world.hear(health_event(message))
        assert [one.health.now for one in world.alerts if one.health] == [health]

    @pytest.mark.parametrize(
        "message",
        [
            "Environment health has transitioned from Degraded to Ok. It was Severe.",
            "Environment health has been set to GREEN",
            "Environment health has transitioned to Pending. Command failed on an instance with Severe trouble.",
        ],
    )
    def test_what_it_has_come_to_counts_and_not_what_else_is_named(self, message):
        world = World()
        world.hear(health_event(message))
        assert world.alerts == []

    def test_the_word_alone_decides_whatever_severity_aws_gives(self):
        event = health_event("Environment health has transitioned from Ok to Severe.")
        event["Records"][0]["body"] = event["Records"][0]["body"].replace('"WARN"', '"INFO"')
        world = World()
        world.hear(event)
        assert [one.severity for one in world.alerts] == [CRITICAL]


class TestAlarms:
    def test_it_names_the_queue_and_what_to_do(self):
        [alert] = told("alarm_dead_letters")
        assert alert.kind is Kind.DEAD_LETTERS
        assert "See the log of ReceiveDrop." in alert.text
        assert "wardrop-DropsDead-1A2B3C4D5E6F" in alert.text
        assert alert.next_step is not None
        assert "redrive or purge" in alert.next_step

    def test_one_that_was_just_made_tells_nothing(self):
        assert told("alarm_is_new") == []


JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
STATUSES = [
    "Environment health changed",
    "Environment update failed",
    "Environment termination successful",
    "Load balancer deleted",
    "Managed update failed",
]
MESSAGES = st.text() | st.builds(
    lambda before, now, rest: f"Environment health has transitioned from {before} to {now}. {rest}",
    st.sampled_from([*Health, "No Data", "GREEN", ""]),
    st.sampled_from([*Health, "No Data", "RED", ""]),
    st.text(),
)
DETAILS = st.fixed_dictionaries(
    {},
    optional={
        "Status": st.sampled_from(STATUSES) | st.text() | JSON,
        "EventDate": st.integers() | st.just(1767323044951) | JSON,
        "ApplicationName": st.sampled_from(["shop", ""]) | JSON,
        "Message": MESSAGES | JSON,
        "EnvironmentName": st.sampled_from(["shop-staging", "gone", "<!channel>"]) | JSON,
        "Severity": st.sampled_from(["INFO", "WARN", "ERROR"]) | JSON,
        "More": JSON,
    },
)
ENVELOPES = st.fixed_dictionaries(
    {"id": st.text(max_size=40) | JSON, "detail": DETAILS | JSON},
    optional={
        "detail-type": st.sampled_from(["Health status change", "Other resource status change"]) | JSON,
        "source": st.sampled_from(["aws.elasticbeanstalk", "aws.cloudwatch"]) | JSON,
    },
)


@given(st.lists(ENVELOPES, max_size=4))
def test_no_envelope_whatever_is_in_it_does_any_harm(envelopes):
    world = World()
    batch = {"Records": [{"messageId": "1", "body": json.dumps(one)} for one in envelopes]}
    world.hear(batch)
    world.watch.on_tick("1", NOW + seconds(60))
    for alert in world.alerts:
        assert len(headline(alert)) < 200
        assert len(alert.text) <= 1000
        assert len(alert.alert_id.encode()) <= 1024
        assert alert.environment in (None, "shop-staging", "gone")
        assert facts(alert)
