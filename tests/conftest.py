"""Fixtures for all tests."""

from collections.abc import Iterator

import pytest

from local.cloud import Cloud
from tests.snapshots import OPTION, Snapshot


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(OPTION, action="store_true", help="keep what is shown now, instead of comparing with it")
    parser.addoption("--seed", type=int, help="the seed of the chaos, instead of three of them")


@pytest.fixture
def snapshot(request: pytest.FixtureRequest) -> Snapshot:
    module = request.path
    return Snapshot(module.parent / "snapshots" / module.stem, updates=request.config.getoption(OPTION))


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    """The stand-in cloud with the project's own template; one for each worker, on free ports."""
    with Cloud(speed=600) as running:
        yield running
