"""Every deployment ends, although functions are killed, calls are throttled, and answers and events are lost."""

from datetime import UTC, datetime

import pytest

from tests.e2e.chaos.applications import CAFE, EVERY, SHOP
from tests.e2e.chaos.run import DROPS, chaos, run
from wardrop.deployments.state import State


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The seed of the command line, or three seeds: two are always the same, and one changes every day."""
    if "seed" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--seed")
        metafunc.parametrize("seed", [7, 26, int(f"{datetime.now(UTC):%Y%m%d}")] if chosen is None else [chosen])


@pytest.mark.real
def test_under_all_faults_each_drop_ends_and_the_newest_version_runs(seed: int) -> None:
    with chaos(seed, EVERY, DROPS) as everything:
        assert run(everything) >= {State.SUCCEEDED, State.ROLLED_BACK}


def test_under_all_faults_the_deployments_of_a_few_environments_end() -> None:
    with chaos(20261125, [SHOP, CAFE], drops=16) as little:
        # On a slow machine, most of the few drops are superseded. Then no good version may precede the last, bad one.
        assert run(little) & {State.SUCCEEDED, State.ROLLED_BACK}
