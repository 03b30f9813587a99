"""A part of the measurement of alerts. `python -m tests.simulation --alerts` measures all of it."""

import pytest

from tests.simulation.alerts import GOOD, Case, Measured, cases, measure, summary
from wardrop.health import update_incidents


def measured(good: int, bad: int) -> list[Measured]:
    return [measure(case) for case in cases(good, bad)]


def test_good_deployments_succeed_without_an_alert_and_bad_deployments_cause_one() -> None:
    trials = measured(60, 100)
    assert all(trial.is_as_expected for trial in trials), summary(trials)


def test_without_the_judgement_of_rollouts_good_deployments_cause_alerts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(update_incidents, "rollout_of", lambda *_: None)
    assert not measure(Case("Rolling", 2, GOOD, 6)).is_as_expected
    assert not measure(Case("AllAtOnce", 4, GOOD, 15)).is_as_expected
