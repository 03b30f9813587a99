"""A run of `make witness` that is interrupted leaves nothing, and a run that was killed can be removed later."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.cloud import Cloud
from tests.e2e.witness_runs import ledger_of, left, made, start

pytestmark = pytest.mark.real
SPEED = 200


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with Cloud(speed=SPEED) as running:
        yield running


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_interrupted_leaves_nothing(cloud: Cloud, number: signal.Signals, tmp_path: Path) -> None:
    with start(cloud, SPEED, "--into", str(tmp_path)) as run:
        ledger, _ = ledger_of(run)
        cloud.eventually(lambda: len(made(cloud)) >= 5, 120)
        os.killpg(run.pid, number)
        output = run.stdout.read() if run.stdout else ""
    assert run.returncode == 130, output
    assert "everything is removed" in output
    assert not ledger.exists()
    assert left(cloud) == []
    assert not [*tmp_path.iterdir()]


def test_what_a_killed_run_left_is_removed_by_its_ledger(cloud: Cloud, tmp_path: Path) -> None:
    with start(cloud, SPEED, "--into", str(tmp_path)) as run:
        ledger, _ = ledger_of(run)
        cloud.eventually(lambda: made(cloud), 120)
        os.killpg(run.pid, signal.SIGKILL)
    assert json.loads(ledger.read_text())["made"]
    assert left(cloud)
    with start(cloud, SPEED, "--remove", str(ledger)) as removal:
        output = removal.stdout.read() if removal.stdout else ""
    assert removal.returncode == 0, output
    assert not ledger.exists()
    assert left(cloud) == []


def test_a_ledger_of_another_account_removes_nothing(cloud: Cloud, tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    about = {"account": "210987654321", "region": "us-east-1", "endpoint": cloud.endpoint}
    file.write_text(json.dumps({"about": about, "made": [["application", "shop"]]}))
    with start(cloud, SPEED, "--remove", str(file)) as removal:
        output = removal.stdout.read() if removal.stdout else ""
    assert removal.returncode == 2
    assert "nothing was removed" in output
    assert cloud.client("elasticbeanstalk").describe_applications(ApplicationNames=["shop"])["Applications"]
