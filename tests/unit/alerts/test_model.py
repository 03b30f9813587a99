"""Each change is reported once, and an alert keeps its id when it is written again."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.samples import NEW, NOW, queued
from wardrop.alerts.document import publication
from wardrop.alerts.kinds import Kind, Severity
from wardrop.alerts.model import KEPT_SECONDS, HealthChange, LastDeployment, Notification, Running, new_alert
from wardrop.deployments.announcement import alert_of
from wardrop.deployments.history import Moment
from wardrop.deployments.state import State
from wardrop.environments.model import Health
from wardrop.foreign_text import one_line


def moved(state: State, reason: str = "why"):
    return queued(state=state, history=[*queued().history, Moment(NOW + timedelta(minutes=1), state, reason)])


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (State.QUEUED, Kind.DEPLOYMENT_QUEUED),
        (State.DEPLOYING, Kind.DEPLOYMENT_STARTED),
        (State.SUCCEEDED, Kind.DEPLOYMENT_SUCCEEDED),
        (State.SUPERSEDED, Kind.DEPLOYMENT_SUPERSEDED),
        (State.FAILED, Kind.DEPLOYMENT_FAILED),
    ],
)
def test_each_state_tells_its_own_with_the_latest_reason(state, kind):
    told = alert_of(moved(state))
    assert (told.kind, told.text, told.at) == (kind, "why", NOW + timedelta(minutes=1))
    assert (told.application, told.environment, told.version_label) == ("shop", "shop-staging", NEW)
    assert told.deployment == "d-1"


def test_the_same_change_has_the_same_id_and_the_next_another():
    first, again = alert_of(moved(State.DEPLOYING)), alert_of(moved(State.DEPLOYING))
    assert first == again
    assert alert_of(queued()).alert_id != first.alert_id


def test_two_kinds_for_one_change_do_not_overwrite_each_other():
    assert alert_of(queued()).alert_id != alert_of(queued(), Kind.DEPLOYMENT_WAITING).alert_id


def test_what_fails_is_an_error_and_what_goes_well_is_not():
    assert alert_of(moved(State.FAILED)).severity is Severity.ERROR
    assert alert_of(moved(State.SUCCEEDED)).severity is Severity.INFO


def test_it_is_kept_for_a_month():
    assert alert_of(queued()).expires_at == int(NOW.timestamp()) + KEPT_SECONDS


ANY_TEXT = st.text(st.characters(exclude_categories=()), min_size=1)


@given(ANY_TEXT)
def test_no_text_by_others_can_forge_a_line_of_an_e_mail(text: str):
    def lines(foreign: str) -> int:
        alert = new_alert(
            Kind.INCIDENT_OPENED,
            f"s3://drops/shop/{foreign}.war#1",
            NOW,
            f"shop/{foreign}.war: no",
            application=f"a{foreign}",
            version_label=f"v{foreign}",
            by=f"b{foreign}",
            health=HealthChange(previous=None, current=Health.SEVERE, causes=[f"c{foreign}"]),
            running=Running(label=f"r{foreign}"),
            last_deployment=LastDeployment(label=f"l{foreign}", state="failed", at=NOW, by=f"w{foreign}"),
            events=[f"e{foreign}"],
            next_step=f"n{foreign}",
        )
        return len(publication(Notification(alert=alert)).text.splitlines())

    assert lines(text) == lines("x")


def test_a_label_in_a_command_is_quoted_for_the_shell():
    alert = new_alert(
        Kind.DEPLOYMENT_AWAITING_APPROVAL, "d-1/1", NOW, "", environment="shop-prod", version_label="v1 $(reboot)"
    )
    assert alert.next_step == "wardrop approve shop-prod 'v1 $(reboot)'"


def test_ids_of_subjects_that_break_a_line_differ():
    ids = [new_alert(Kind.DROP_REJECTED, subject, NOW, "").alert_id for subject in ("a\nb", "a b", "a\rb", "\ud800")]
    assert len(set(ids)) == 4
    assert all(alert_id == one_line(alert_id) for alert_id in ids)
