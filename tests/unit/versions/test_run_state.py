"""The progress of a clean-up, and the cases in which it stops early."""

from datetime import timedelta

import pytest

from tests.unit.samples import NOW
from tests.unit.versions.samples import application, listed
from wardrop.errors import NotNow, Refused
from wardrop.versions.retention import decide
from wardrop.versions.run_state import RunState, Stopped

[DELETION] = decide(application(listed("old")), NOW)
BUSY, FORBIDDEN = NotNow("busy"), Refused("AccessDenied")


def state(seconds_left: float = 60) -> RunState:
    return RunState(lambda: NOW, NOW + timedelta(seconds=seconds_left))


def test_it_stops_at_the_deadline():
    state(1).check_time()
    with pytest.raises(Stopped, match="the time limit was reached"):
        state(0).check_time()


def test_the_log_names_the_version_that_could_not_be_deleted(caplog):
    state().failed(DELETION, BUSY)
    assert caplog.messages == ["old of shop is not deleted: busy"]


def test_it_stops_after_three_failures_in_a_row():
    run = state()
    run.failed(DELETION, BUSY)
    run.failed(DELETION, BUSY)
    run.accepted()
    run.failed(DELETION, BUSY)
    run.failed(DELETION, BUSY)
    with pytest.raises(Stopped, match="3 versions in a row could not be deleted"):
        run.failed(DELETION, BUSY)
    assert len(run.failures) == 5


@pytest.mark.parametrize(("errors", "may_help"), [([FORBIDDEN], False), ([BUSY, FORBIDDEN], True)])
def test_another_try_may_help_if_one_failure_is_temporary(errors, may_help):
    run = state()
    for error in errors:
        run.failed(DELETION, error)
    assert run.retry_may_help is may_help


def test_a_version_that_was_already_gone_counts_apart():
    run = state()
    run.succeeded(DELETION, existed=False)
    assert (run.deleted, run.already_gone) == ([DELETION], 1)
