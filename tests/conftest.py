"""Fixtures for all tests."""

import gc
import os

import pytest
from xdist.remote import Producer

from tests.grants import Recorder
from tests.groups import GroupScheduling, place_of
from tests.snapshots import OPTION, Snapshot


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(OPTION, action="store_true", help="keep what is shown now, instead of comparing with it")
    parser.addoption("--seed", type=int, help="the seed of the chaos, instead of three of them")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder())


def pytest_xdist_auto_num_workers() -> int:
    """Two workers for each processor, because tests on the stand-in cloud mostly wait."""
    return 2 * len(os.sched_getaffinity(0))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> GroupScheduling:
    return GroupScheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The groups run first, because they take longest. Otherwise, one of them might run alone at the end."""
    items.sort(key=lambda item: place_of(item.nodeid))


def pytest_collection_finish() -> None:
    """The tests and their modules are never freed, so the garbage collector need not look at them again and again."""
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints the seeds of the chaos tests, so that a run can be repeated. One seed is new each day."""
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.getreports(outcome)]
    for report in reports:
        if report.when == "call" and "test_chaos.py" in report.nodeid and (seed := report.nodeid.partition("[")[2]):
            terminalreporter.write_line(f"chaos {report.outcome}; again: make chaos SEED={seed.partition(']')[0]}")


@pytest.fixture
def snapshot(request: pytest.FixtureRequest) -> Snapshot:
    module = request.path
    return Snapshot(module.parent / "snapshots" / module.stem, updates=request.config.getoption(OPTION))
