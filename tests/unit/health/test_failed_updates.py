"""The log that explains somebody else's failed update, and the lines in the alert."""

from datetime import timedelta

import pytest

from tests.unit.health.world import EVENT_FILES, WatchedWorld, health_event
from tests.unit.samples import NOW, deploying, event
from tests.unit.world import raising
from wardrop.alerts.kinds import Kind
from wardrop.environments.events import LOGS_REQUESTED
from wardrop.environments.model import Health
from wardrop.errors import NotNow
from wardrop.evidence.explanation import Cause
from wardrop.evidence.kinds import Kind as Causes
from wardrop.evidence.log_part import LogName
from wardrop.health.failed_updates import MOST_EXPLAINED, RECENT, request_of_failure

CAUSE = Cause(kind=Causes.PORT, quotes=["java.net.BindException: Address already in use"])
FAILED = event("Failed to deploy application.", NOW, "theirs", severity="ERROR")
SEVERE = health_event("Environment health has transitioned from Ok to Severe. 100.0 % of the requests fail.")
FAILED_UPDATE = "application_update_failed"


@pytest.fixture
def world() -> WatchedWorld:
    world = WatchedWorld()
    world.evidence.cause = CAUSE
    world.beanstalk.event_log = [FAILED]
    return world


def test_the_alert_on_somebody_elses_failed_update_quotes_the_cause(world):
    world.receive(EVENT_FILES[FAILED_UPDATE])
    assert world.evidence.read == [LogName("e-1", "theirs")]
    [alert] = world.alerts
    assert alert.kind is Kind.ENVIRONMENT_EVENT
    assert alert.log_lines == CAUSE.quotes
    assert alert.log == "s3://logs/theirs"
    assert "The deployment log says that a port is in use" in alert.text


def test_the_alert_is_sent_without_a_cause_if_the_log_names_none(world):
    world.evidence.cause = None
    world.receive(EVENT_FILES[FAILED_UPDATE])
    [alert] = world.alerts
    assert alert.log_lines == []
    assert "deployment log" not in alert.text


def test_the_alert_is_sent_without_a_cause_if_the_events_cannot_be_read(world):
    world.before["beanstalk.events"] = raising(NotNow("throttled"))
    world.receive(EVENT_FILES[FAILED_UPDATE])
    assert [alert.log_lines for alert in world.alerts] == [[]]


def test_diagnose_off_reads_no_log(world):
    world.parameters.documents["shop"] = "environments: [{name: shop-staging, diagnose: off}]"
    world.receive(EVENT_FILES[FAILED_UPDATE])
    assert world.evidence.read == []
    assert len(world.alerts) == 1


def test_bad_health_after_somebody_elses_update_is_explained_by_its_log(world):
    world.show(health=Health.SEVERE)
    world.receive(SEVERE)
    [alert] = world.alerts
    assert alert.kind is Kind.INCIDENT_OPENED
    assert alert.log_lines == CAUSE.quotes


def test_bad_health_during_a_deployment_is_explained_by_the_deployment_and_not_by_the_incident(world):
    world.record(deploying())
    world.receive(SEVERE)
    assert world.evidence.read == []


def test_a_batch_reads_a_bounded_number_of_logs(world):
    batch = {"Records": EVENT_FILES[FAILED_UPDATE]["Records"] * (MOST_EXPLAINED + 2)}
    world.receive(batch)
    assert len(world.evidence.read) == MOST_EXPLAINED


def test_a_failed_update_explains_nothing_after_a_newer_update():
    later = event("Environment update completed successfully.", NOW, "good")
    assert request_of_failure([FAILED, later], NOW) == "good"


def test_a_request_for_logs_is_not_an_update():
    assert request_of_failure([FAILED, event(LOGS_REQUESTED, NOW, "logs")], NOW + RECENT) == "theirs"


def test_an_update_without_an_error_explains_bad_health_only_for_some_minutes():
    completed = event("Environment update completed successfully.", NOW, "good")
    assert request_of_failure([completed], NOW + RECENT) == "good"
    assert request_of_failure([completed], NOW + RECENT + timedelta(seconds=1)) is None


def test_events_without_a_request_explain_nothing():
    assert request_of_failure([event("Added instance.", NOW, None)], NOW) is None
