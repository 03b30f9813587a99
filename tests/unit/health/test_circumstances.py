"""The facts in an alert: the running version, the last deployment, the recent warnings and the next step."""

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.samples import (
    NEW,
    NOW,
    OLD,
    deploying,
    environment,
    good,
    queued,
    rolling_back,
    seconds,
    standing,
    update,
)
from wardrop.alerts.model import LastDeployment, Running
from wardrop.deployments.asked import Asked
from wardrop.deployments.change import EnvironmentRecord
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.history import Moment
from wardrop.deployments.standing import Standing
from wardrop.deployments.state import State
from wardrop.health.circumstances import Circumstances, from_ledger, relevant

HOUR = timedelta(hours=1)
SHOWN = environment(version_label=NEW)
BOTH_GOOD = standing(good(NEW), good(OLD))


def succeeded(label: str = NEW, ago: timedelta = HOUR, **differs: Any) -> Deployment:
    ended = NOW - ago
    states = (State.DEPLOYING, State.BAKING, State.SUCCEEDED)
    history = [Moment(ended - seconds(300 - 150 * number), state, "") for number, state in enumerate(states)]
    return deploying(label=label, state=State.SUCCEEDED, history=history, **differs)


def found(
    *past: Deployment, standing: Standing = BOTH_GOOD, active: tuple[Deployment, ...] = (), label: str = NEW
) -> Circumstances:
    return from_ledger(environment(version_label=label), EnvironmentRecord(standing, list(active)), past, NOW)


def test_the_running_version_and_the_time_of_its_deployment():
    assert found(succeeded()).running == Running(label=NEW, since=NOW - HOUR)


def test_a_version_that_wardrop_did_not_deploy_has_no_time():
    assert found(succeeded(), label="theirs").running == Running(label="theirs")


def test_without_a_label_no_running_version_is_claimed():
    assert from_ledger(environment(version_label=None), EnvironmentRecord(BOTH_GOOD, []), [], NOW).running is None


def after(ago: timedelta, state: State) -> list[Moment]:
    return [Moment(NOW - ago, state, "")]


def test_after_a_rollback_the_version_runs_since_the_end_of_the_rollback():
    bad = rolling_back(state=State.ROLLED_BACK, history=after(HOUR, State.ROLLED_BACK), update=update())
    assert found(bad, succeeded(OLD, 3 * HOUR), label=OLD).running == Running(label=OLD, since=NOW - HOUR)


@pytest.mark.parametrize("state", [State.FAILED, State.ROLLBACK_FAILED, State.SUPERSEDED])
def test_after_a_later_deployment_without_a_known_result_no_time_is_claimed(state):
    later = deploying(state=state, history=after(HOUR, state), update=update())
    assert found(later, succeeded(OLD, 3 * HOUR), label=OLD).running == Running(label=OLD)


def test_a_later_deployment_that_never_began_does_not_change_the_time():
    declined = queued(state=State.DECLINED, history=after(HOUR, State.DECLINED))
    assert found(declined, succeeded(OLD, 3 * HOUR), label=OLD).running == Running(label=OLD, since=NOW - 3 * HOUR)


def test_the_last_deployment_and_who_dropped_it():
    last = LastDeployment(label=NEW, state=State.SUCCEEDED, at=NOW - HOUR, by="jenkins")
    assert found(succeeded(dropped_by="jenkins")).last_deployment == last


def test_of_several_deployments_the_one_that_changed_last_is_the_last():
    request = Asked(by="jane", at=NOW)
    last = found(succeeded("shop-1.5", 2 * HOUR), succeeded(asked=request), succeeded(OLD, 3 * HOUR)).last_deployment
    assert last is not None
    assert (last.label, last.by) == (NEW, "jane")


def test_a_deployment_in_progress_is_the_last():
    began = [Moment(NOW - seconds(60), State.DEPLOYING, "")]
    last = found(succeeded(), active=(deploying(label="shop-3.0", history=began, update=update()),)).last_deployment
    assert last is not None
    assert (last.label, last.state) == ("shop-3.0", State.DEPLOYING)


def test_a_deployment_that_never_began_is_not_the_last():
    assert found(queued(state=State.SUPERSEDED)).last_deployment is None


def test_health_events_and_events_that_follow_from_others_are_left_out_and_five_are_enough():
    warnings = [
        "Environment health has transitioned from Ok to Severe.",
        "Failed to deploy application.",
        "Command failed on instance.",
        "Command failed on instance.",
        *(f"warning {number}" for number in range(9)),
    ]
    assert relevant(warnings) == ["Command failed on instance.", *(f"warning {number}" for number in range(4))]


class TestNextStep:
    @pytest.mark.parametrize("ago", [HOUR, 6 * HOUR - seconds(1)])
    def test_is_a_rollback_if_wardrop_deployed_the_version_recently_and_an_older_good_version_exists(self, ago):
        assert found(succeeded(ago=ago)).next_step == "wardrop rollback shop-staging"

    @pytest.mark.parametrize(
        ("past", "differs"),
        [
            ([succeeded(ago=6 * HOUR)], {}),
            ([], {}),
            ([succeeded()], {"standing": standing(good(NEW))}),
            ([succeeded()], {"standing": standing(good(NEW), good(OLD, environment_id="e-rebuilt"))}),
            ([succeeded()], {"active": (deploying(),)}),
            ([deploying(state=State.FAILED, history=after(HOUR, State.FAILED)), succeeded(ago=6 * HOUR)], {}),
        ],
        ids=["long ago", "not by Wardrop", "nothing older", "of another environment", "in progress", "failed again"],
    )
    def test_is_the_status_otherwise(self, past, differs):
        assert found(*past, **differs).next_step == "wardrop status shop-staging"
