"""The reading of Beanstalk's events: the texts about health, the dates, and unexpected contents."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.health.world import EVENT_FILES, WatchedWorld, health_event
from tests.unit.samples import NOW, seconds
from wardrop.alerts.kinds import Severity
from wardrop.alerts.text import facts, headline
from wardrop.environments.model import Health
from wardrop.errors import Malformed
from wardrop.health.events import BeanstalkEvent, Detail, read_event


class TestHealthWordings:
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
    def test_every_wording_of_beanstalk_is_understood(self, message, health):
        world = WatchedWorld()
        world.receive(health_event(message))
        assert [alert.health.current for alert in world.alerts if alert.health] == [health]

    @pytest.mark.parametrize(
        "message",
        [
            "Environment health has transitioned from Degraded to Ok. It was Severe.",
            "Environment health has been set to GREEN",
            "Environment health has transitioned to Pending. Command failed on an instance with Severe trouble.",
        ],
    )
    def test_the_new_status_counts_and_not_other_statuses_in_the_text(self, message):
        world = WatchedWorld()
        world.receive(health_event(message))
        assert world.alerts == []

    def test_the_severity_follows_from_the_status_and_not_from_the_severity_of_the_event(self):
        event = health_event("Environment health has transitioned from Ok to Severe.")
        event["Records"][0]["body"] = event["Records"][0]["body"].replace('"WARN"', '"INFO"')
        world = WatchedWorld()
        world.receive(event)
        assert [alert.severity for alert in world.alerts] == [Severity.CRITICAL]


@pytest.mark.parametrize("date", [None, "yesterday", -1, 0, 1e300, 253402300800000, True, [], 1767323044951 * 10])
def test_an_event_without_a_valid_date_happened_now(date):
    [record] = EVENT_FILES["managed_update_failed"]["Records"]
    body = json.loads(record["body"])
    body["detail"]["EventDate"] = date
    world = WatchedWorld()
    world.receive({"Records": [{"messageId": "1", "body": json.dumps(body)}]})
    assert [alert.at for alert in world.alerts] == [NOW]


@pytest.mark.parametrize("body", ["", "null", "{}", '{"id": 1, "detail-type": "x", "detail": {}}', '{"id": "1"}'])
def test_a_message_that_is_not_an_event_is_malformed(body):
    with pytest.raises(Malformed, match="not an event of Elastic Beanstalk"):
        read_event(body)


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
def test_no_envelope_causes_an_error_or_an_unusable_alert(envelopes):
    world = WatchedWorld()
    batch = {"Records": [{"messageId": "1", "body": json.dumps(one)} for one in envelopes]}
    world.receive(batch)
    world.watch.on_tick("1", NOW + seconds(60))
    for alert in world.alerts:
        assert len(headline(alert)) < 200
        assert len(alert.text) <= 1000
        assert len(alert.alert_id.encode()) <= 1024
        assert alert.environment in (None, "shop-staging", "gone")
        assert facts(alert)


@pytest.mark.parametrize(
    ("after", "is_used"),
    [
        (timedelta(minutes=5), True),
        (timedelta(minutes=5, milliseconds=1), False),
        (-timedelta(days=14), True),
        (-timedelta(days=14, milliseconds=1), False),
    ],
)
def test_a_date_is_used_up_to_five_minutes_ahead_and_two_weeks_ago(after, is_used):
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    event = BeanstalkEvent("1", "x", Detail(event_date=int((now + after).timestamp() * 1000)))
    assert event.at(now) == (now + after if is_used else now)


def test_a_malformed_alarm_is_refused_by_its_name():
    with pytest.raises(Malformed, match="an event of Elastic Beanstalk"):
        read_event(json.dumps({"source": "aws.cloudwatch", "detail": 1}))
