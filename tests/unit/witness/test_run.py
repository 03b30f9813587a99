"""The estimate of a run, its ledger, and the refusals before anything is made."""

import subprocess
import sys
from pathlib import Path

import pytest

from local.settings import ROOT
from tests.witness import estimate
from tests.witness.ledger import Ledger, Made
from tests.witness.scenario import scenarios
from wardrop.environments.settings import COMMAND

NOWHERE = {"PATH": "/usr/bin:/bin", "AWS_ENDPOINT_URL": "http://192.0.2.1:9", "HOME": "/nonexistent"}
"""An address that never answers, no credentials and no region."""


def test_a_run_takes_less_than_forty_minutes_and_costs_less_than_a_dollar() -> None:
    assert estimate.minutes() < 40
    assert estimate.total_cost() < 1.0


def test_the_cost_grows_with_instances_and_with_hours() -> None:
    rolling, immutable = scenarios()["rolling"], scenarios()["immutable"]
    assert estimate.cost(scenarios()["calls"]) == 0
    assert estimate.cost(rolling) == pytest.approx(0.0605 + 2 * rolling.minutes / 60 * (0.0154 + 8 * 0.08 / 730))
    assert estimate.cost(immutable) > estimate.cost(rolling)


def test_the_scenarios_have_all_deployment_policies() -> None:
    policies = {each.settings.get(COMMAND, {}).get("DeploymentPolicy", "AllAtOnce") for each in scenarios().values()}
    assert policies == {"AllAtOnce", "Rolling", "RollingWithAdditionalBatch", "Immutable", "TrafficSplitting"}


def test_a_dry_run_lists_everything_and_makes_no_call() -> None:
    """The command needs no credentials, and does not wait for an address that never answers."""
    command = [sys.executable, "-m", "tests.witness", "--dry-run"]
    ended = subprocess.run(command, env=NOWHERE, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout == f"{estimate.plan()}\n"
    assert all(name in ended.stdout for name in scenarios())


def test_a_run_without_a_region_makes_nothing() -> None:
    command = [sys.executable, "-m", "tests.witness", "--yes"]
    ended = subprocess.run(command, env=NOWHERE, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert ended.stderr == "nothing was made: no region is configured: set AWS_REGION\n"


def test_the_ledger_lists_the_newest_first_and_disappears_with_its_last_entry(tmp_path: Path) -> None:
    file = tmp_path / "runs" / "run.json"
    ledger = Ledger(file, {"account": "1", "region": "x", "endpoint": None})
    ledger.add("role", "a")
    ledger.add("bucket", "b")
    again = Ledger.read(file)
    assert again.about == {"account": "1", "region": "x", "endpoint": None}
    assert again.made == [Made("bucket", "b"), Made("role", "a")]
    again.removed(Made("bucket", "b"))
    assert Ledger.read(file).made == [Made("role", "a")]
    again.removed(Made("role", "a"))
    assert not file.exists()
