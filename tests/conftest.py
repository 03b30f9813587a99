"""Fixtures for all tests."""

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
    """One more than there are processors: tests on the stand-in cloud wait more than they compute."""
    return len(os.sched_getaffinity(0)) + 1


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> GroupScheduling:
    return GroupScheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Groups come first: they take longest, and no processor is to wait for one of them at the end."""
    items.sort(key=lambda item: place_of(item.nodeid))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The seeds of the chaos, of which one is new each day, so that a run can be repeated."""
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.getreports(outcome)]
    for report in reports:
        if report.when == "call" and "test_chaos.py" in report.nodeid and (seed := report.nodeid.partition("[")[2]):
            terminalreporter.write_line(f"chaos {report.outcome}; again: make chaos SEED={seed.partition(']')[0]}")


@pytest.fixture
def snapshot(request: pytest.FixtureRequest) -> Snapshot:
    module = request.path
    return Snapshot(module.parent / "snapshots" / module.stem, updates=request.config.getoption(OPTION))
