"""The settings that a deployment may have left when it failed."""

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.samples import NOW, completed, deploying, event, queued, situation, standing, started
from wardrop.deployments import leftovers
from wardrop.deployments.situation import Need
from wardrop.environments.events import SETTINGS_FAILED, VERSION_DEPLOYMENT_STARTS

LATER, THEIRS = NOW + timedelta(minutes=10), "r-theirs"
STARTED = started(LATER, THEIRS)
FAILED = event("Failed to deploy application.", LATER, THEIRS, "ERROR")


def doubt(*events: Any, deployment: Any = None, **known: Any) -> str | None:
    doubt = leftovers.doubt(situation(deployment or queued(), standing=standing(**known), events=events))
    return doubt.reason if doubt else None


class TestNeeds:
    @pytest.mark.parametrize(
        ("minutes", "need"), [(-5, Need.NOTHING), (0, Need.NOTHING), (0.5, Need.NOTHING), (0.6, Need.EVENTS)]
    )
    def test_events_are_read_if_an_update_began_after_the_last_proof(self, minutes, need):
        updated_at = NOW + timedelta(minutes=minutes)
        assert leftovers.needs(situation(queued(), standing=standing(), updated_at=updated_at)) is need

    def test_without_a_proof_no_event_would_be_enough(self):
        assert leftovers.needs(situation(queued(), standing=standing(settled_at=None))) is Need.NOTHING


class TestDoubt:
    @pytest.mark.parametrize(
        "events",
        [
            (STARTED, FAILED),
            (STARTED, event(VERSION_DEPLOYMENT_STARTS, LATER, THEIRS)),
            (STARTED, event("Update environment operation is complete, but with errors.", LATER, THEIRS)),
            (started(), completed(), STARTED, FAILED, started(LATER, "r-3"), completed(LATER, "r-3")),
        ],
        ids=["failed", "aborted", "with-errors", "followed-by-a-good-one"],
    )
    def test_an_update_of_which_wardrop_has_no_record_may_have_left_settings_if_it_did_not_succeed(self, events):
        assert doubt(*events) == (
            "an update that started at 2026-01-02 03:14 UTC did not succeed, and is not recorded as Wardrop's, so its "
            "settings may be in force"
        )

    @pytest.mark.parametrize(
        "events",
        [
            (),
            (STARTED, completed(LATER, THEIRS)),
            (STARTED, event(SETTINGS_FAILED, LATER, THEIRS, "ERROR")),
            (started(NOW, THEIRS), event("Failed to deploy application.", NOW, THEIRS, "ERROR")),
        ],
        ids=["none", "successful", "settings-only", "before-the-proof"],
    )
    def test_other_updates_leave_no_unknown_settings(self, events):
        assert doubt(*events) is None

    def test_wardrops_own_updates_leave_settings_of_known_versions(self):
        assert doubt(STARTED, FAILED, request_ids=["r-1", THEIRS]) is None
        assert doubt(STARTED, FAILED, deployment=deploying(request_ids=[THEIRS])) is None

    def test_it_has_the_start_of_the_last_update_that_did_not_succeed(self):
        again = started(LATER + timedelta(minutes=5), "r-again")
        shown = situation(queued(), standing=standing(), events=(STARTED, FAILED, again))
        assert leftovers.doubt(shown).update_at == again.at

    def test_before_the_first_proof_any_settings_may_be_in_force(self):
        assert doubt(settled_at=None) == (
            "Wardrop has not yet proven a deployment in shop-staging, so unknown settings may be in force"
        )
