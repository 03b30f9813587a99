"""Pausing an environment, and resuming it."""

from tests.unit.commands.samples import JOE, STAGING, accepted, caller, refused, snapshot
from tests.unit.samples import NOW, standing
from wardrop.alerts.kinds import Kind
from wardrop.commands.pause import pause, resume
from wardrop.commands.requests import Pause
from wardrop.deployments.standing import Hold

HOLD = Hold(by="release-managers (session jane)", at=NOW, because="stocktaking")
PAUSE = Pause(environment=STAGING, because="stocktaking")


def test_a_pause_is_recorded_with_who_and_why():
    change = accepted(pause(PAUSE, caller(minutes=0), snapshot())).change
    assert change.standing == standing(paused=HOLD)
    assert [alert.kind for alert in change.alerts] == [Kind.ENVIRONMENT_PAUSED]


def test_a_pause_names_the_requests_that_start_nevertheless():
    decision = accepted(pause(PAUSE, caller(), snapshot()))
    exception = "no other deployment starts, except a rollback or a deployment with `now`"
    assert decision.text.endswith(exception)
    assert decision.change.alerts[0].text.endswith(exception)


def test_a_paused_environment_cannot_be_paused_again():
    reason = "shop-staging has already been paused since 2026-01-02 03:04 UTC by release-managers (session jane)"
    refused(pause(PAUSE, caller(), snapshot(standing=standing(paused=HOLD))), reason)


def test_resuming_ends_a_pause_and_a_hold():
    decision = accepted(resume(caller(JOE), snapshot(standing=standing(paused=HOLD, hold=HOLD))))
    assert decision.text == (
        "shop-staging is resumed by joe; it had been paused since 2026-01-02 03:04 UTC by release-managers (session "
        "jane): stocktaking and held since 2026-01-02 03:04 UTC by release-managers (session jane): stocktaking"
    )
    assert decision.change.standing == standing()
    assert [alert.kind for alert in decision.change.alerts] == [Kind.ENVIRONMENT_RESUMED]


def test_an_environment_that_is_neither_paused_nor_held_cannot_be_resumed():
    refused(resume(caller(), snapshot()), "shop-staging is neither paused nor held")
