"""What people are told: once for each change, with the same id however often it is tried."""

from datetime import timedelta

import pytest

from tests.unit.samples import NEW, NOW, queued
from wardrop.alerts.kinds import Kind, Severity
from wardrop.alerts.model import KEPT_SECONDS
from wardrop.deployments.announcement import alert_of
from wardrop.deployments.deployment import Moment
from wardrop.deployments.state import State


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
