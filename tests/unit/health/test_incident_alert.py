"""The texts of an incident's alerts."""

from typing import Any

import pytest

from tests.unit.samples import NOW, OLD, baking, environment, rolling_back, seconds
from wardrop.alerts.kinds import Kind
from wardrop.alerts.model import Alert
from wardrop.deployments.deployment import Deployment
from wardrop.environments.model import Health
from wardrop.health.circumstances import Circumstances
from wardrop.health.incident import Incident
from wardrop.health.incident_alert import alert_of_incident
from wardrop.health.notification import Ended, IncidentNotification


def alert(
    kind: Kind, *, ended: Ended | None = None, causes: str = "", deployment: Deployment | None = None, **differs: Any
) -> Alert:
    incident: dict[str, Any] = {"health": Health.SEVERE, "as_of": NOW} | differs
    notification = IncidentNotification(
        kind,
        NOW + seconds(720),
        Incident(id="shop-staging/1", application="shop", environment="shop-staging", opened_at=NOW, **incident),
        causes,
        ended,
    )
    return alert_of_incident(notification, Circumstances(), environment(), deployment)


def test_bad_health_names_both_statuses_and_whether_an_event_reported_it():
    without_event = alert(Kind.INCIDENT_OPENED)
    with_event = alert(Kind.INCIDENT_WORSENED, before=Health.WARNING, event_at=NOW)
    assert without_event.text == "Health changed to Severe. Wardrop received no event about it."
    assert with_event.text == "Health changed from Warning to Severe. Beanstalk sent an event about it."


def test_a_recovery_says_how_long_health_was_bad():
    recovered = alert(Kind.INCIDENT_RECOVERED, health=Health.OK, recovered_at=NOW + seconds(720))
    assert (recovered.text, recovered.duration_seconds) == ("Health is Ok again after 12 min.", 720)


@pytest.mark.parametrize(("flaps", "times"), [(1, "once"), (2, "2 times")])
def test_the_end_of_flapping_says_how_often_health_became_bad_again(flaps, times):
    recovered = alert(Kind.INCIDENT_RECOVERED, health=Health.OK, recovered_at=NOW + seconds(960), flaps=flaps)
    assert (
        recovered.text
        == f"Health has not been bad for 15 min. The incident lasted 16 min, and health became bad again {times}."
    )


def test_flapping_says_what_is_reported_from_then_on():
    flapping = alert(Kind.INCIDENT_FLAPPING, recovered_at=NOW + seconds(480), bad_since=NOW + seconds(600))
    assert flapping.text == (
        "Health is Severe again, 2 min after it recovered. Wardrop sends the next alert when health gets worse, "
        "or when it has not been bad for 15 min."
    )


@pytest.mark.parametrize(
    ("ended", "because"),
    [
        (Ended.TERMINATED, "the environment was terminated"),
        (Ended.NOT_SHOWN, "Beanstalk has not listed the environment for 15 min"),
        (Ended.NAME_REUSED, "another environment now has the same name"),
    ],
)
def test_an_end_without_recovery_says_why(ended, because):
    closed = alert(Kind.INCIDENT_RECOVERED, ended=ended, recovered_at=NOW)
    assert closed.title == f"incident closed: {because}"
    assert closed.text == f"The incident is closed, because {because}. The last health status was Severe."


def test_our_own_deployment_is_named_except_in_a_recovery():
    assert alert(Kind.INCIDENT_OPENED, deployment=baking()).text.endswith(
        "Wardrop's deployment of shop-2.0 is in progress (baking)."
    )
    recovered = alert(Kind.INCIDENT_RECOVERED, deployment=baking(), health=Health.OK, recovered_at=NOW)
    assert "deployment" not in recovered.text


def test_the_causes_of_the_event_stand_in_for_causes_that_were_not_looked_up():
    opened = alert(Kind.INCIDENT_OPENED, causes="because")
    assert opened.health is not None
    assert opened.health.causes == ["because"]


def test_the_alert_names_the_incident_and_what_it_is_about():
    opened = alert(Kind.INCIDENT_OPENED, environment_id="e-1", change=3, before=Health.OK)
    assert opened.alert_id == "shop-staging/1/3/incident_opened"
    assert (opened.application, opened.environment, opened.environment_id) == ("shop", "shop-staging", "e-1")
    assert (opened.version_label, opened.incident, opened.change) == (OLD, "shop-staging/1", 3)
    assert opened.health.previous is Health.OK
    assert opened.health.causes == []


def test_the_duration_ends_with_the_recovery_or_with_the_notification():
    recovered = alert(Kind.INCIDENT_RECOVERED, health=Health.OK, recovered_at=NOW + seconds(60))
    assert recovered.duration_seconds == 60
    assert alert(Kind.INCIDENT_FLAPPING, recovered_at=NOW + seconds(60)).duration_seconds == 720
    assert alert(Kind.INCIDENT_RECOVERED, health=Health.OK, recovered_at=NOW - seconds(5)).duration_seconds == 0


def test_the_sentences_of_the_text_are_separated():
    text = alert(Kind.INCIDENT_OPENED, deployment=rolling_back()).text
    assert text.endswith(
        "Wardrop received no event about it. Wardrop's deployment of shop-2.0 is in progress (rolling back)."
    )
