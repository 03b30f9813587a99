"""The texts of Beanstalk's events that Wardrop matches."""

import pytest

from tests.unit.samples import ROOT, completed, event, started
from wardrop.environments.events import (
    UPDATE_FAILED,
    UPDATE_STARTS,
    UPDATE_SUCCEEDED,
    VERSION_FAILED,
    blame_the_version,
    end,
    errors,
    excuse_the_version,
    first_cause,
    starts,
)

FAILED = event("Failed to deploy application.", severity="ERROR")
COMMAND_TEXT = "Unsuccessful command execution on instance id(s) 'i-1'. Aborting the operation."
COMMAND_FAILED = event(COMMAND_TEXT, severity="ERROR")


@pytest.mark.parametrize("text", [UPDATE_STARTS, UPDATE_SUCCEEDED, *UPDATE_FAILED[:2], *VERSION_FAILED[:2]])
def test_the_stand_in_sends_each_text_that_is_matched(text):
    assert text in (ROOT / "local/beanstalk/events.json").read_text()


def test_an_update_starts_with_an_event_that_has_a_request_id():
    assert starts([event(UPDATE_STARTS, request_id=None), started(), completed()]) == [started()]


@pytest.mark.parametrize("text", [UPDATE_SUCCEEDED, *UPDATE_FAILED, f"{UPDATE_FAILED[2]} See the event log."])
def test_an_update_ends_with_its_closing_event(text):
    assert end([started(), event(text)]) == event(text)
    assert end([started(), event("Instance deployment completed successfully.")]) is None


def test_an_end_with_errors_is_an_error_with_any_severity():
    assert errors([started(), event(UPDATE_FAILED[2]), completed()]) == [event(UPDATE_FAILED[2])]


def test_the_first_cause_is_not_the_consequence_of_another_error():
    aborted = event("During an aborted deployment, some instances may have deployed the new version.", severity="ERROR")
    assert first_cause([aborted, COMMAND_FAILED, FAILED]) == "Unsuccessful command execution on instance id(s) 'i-1'"
    assert first_cause([FAILED]) == "Failed to deploy application"


def test_a_missing_right_excuses_the_version_whatever_else_failed():
    denied = event("Instance deployment failed: Access Denied.", severity="ERROR")
    assert blame_the_version([COMMAND_FAILED])
    assert not blame_the_version([COMMAND_FAILED, denied])
    assert excuse_the_version([denied])
    assert not blame_the_version([FAILED])
    assert not excuse_the_version([FAILED])
