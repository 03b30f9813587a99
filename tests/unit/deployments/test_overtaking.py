"""Which versions were deployed outside Wardrop after one of its updates."""

from datetime import timedelta
from typing import Any

from tests.unit.samples import (
    NEW,
    NOW,
    OLD,
    SETTLE,
    THEIR_REQUEST,
    completed,
    deploying,
    fleet,
    instance,
    seconds,
    situation,
    started,
    update,
)
from wardrop.deployments.overtaking import deployed_since, later_start
from wardrop.deployments.situation import Situation
from wardrop.environments.model import Event

OURS = started()
THEIRS = started(NOW - timedelta(minutes=2), THEIR_REQUEST)
NEWEST = started(NOW - timedelta(minutes=1), "their-second-request")


def seen(*events: Event, **differs: Any) -> Situation:
    return situation(deploying(), events=events, **({"version_label": NEW} | differs))


def test_the_newest_of_several_later_updates_is_named():
    assert later_start(seen(OURS, THEIRS, NEWEST), update()) == NEWEST


def test_without_a_later_update_nothing_was_deployed():
    shown = fleet(instance(1), instance(2, "theirs-1", deployment_id=9))
    assert later_start(seen(OURS), update()) is None
    assert deployed_since(seen(OURS, fleet=shown), update()) == []


def test_the_previous_version_does_not_count_while_the_end_of_our_update_is_not_known():
    shown = fleet(instance(1), instance(2, OLD, deployment_id=9))
    assert deployed_since(seen(OURS, THEIRS, fleet=shown), update()) == []


def test_after_the_success_of_our_update_the_previous_version_counts_when_settle_has_passed():
    shown = fleet(instance(1), instance(2, OLD, deployment_id=9))
    for since, expected in ((SETTLE, [OLD]), (SETTLE - seconds(1), [])):
        ended = completed(NOW - since)
        assert deployed_since(seen(OURS, ended, THEIRS, fleet=shown), update()) == expected


def test_another_version_counts_at_once():
    shown = fleet(instance(1), instance(2, "theirs-1", deployment_id=9))
    assert deployed_since(seen(OURS, THEIRS, fleet=shown), update()) == ["theirs-1"]
    assert deployed_since(seen(OURS, THEIRS, version_label="theirs-1"), update()) == ["theirs-1"]
