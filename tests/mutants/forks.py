"""A plug-in of pytest that runs the mutants of each function in a fork of one session.

The session has imported and collected every test. mutmut itself starts pytest for each mutant, which takes longer than
most tests.
"""

import fnmatch
import gc
import itertools
import json
import os
import signal
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

OUTCOMES = Path("outcomes.txt")
"""A line for each mutant with its outcome and its name."""

NOTICED, SLOW, NOT_NOTICED, BROKEN = "noticed", "slow", "not noticed", "broken"
UNCHANGED = "unchanged"
"""The name of a run of all tests without any change. It must notice nothing."""

MUTANT = "MUTANT_UNDER_TEST"
"""mutmut's variable with the name of the mutant that is active."""


def pytest_runtestloop(session: pytest.Session) -> bool:
    measured = json.loads(Path("mutmut-stats.json").read_text())
    took, callers = measured["duration_by_test"], measured["tests_by_mangled_function_name"]
    items = {item.nodeid: item for item in session.items}
    waiting = [([UNCHANGED], list(items.values()))]
    for function, mutants in itertools.groupby(_mutants(), key=lambda name: name.partition("__mutmut_")[0]):
        waiting.append((list(mutants), [items[test] for test in _in_order(function, callers.get(function, ()), took)]))
    OUTCOMES.write_text("")
    gc.freeze()
    running: dict[int, tuple[list[str], list[pytest.Item]]] = {}
    while waiting or running:
        if waiting and len(running) < len(os.sched_getaffinity(0)):
            mutants, tests = waiting.pop(0)
            limit = 30 + 10 * sum(took[test.nodeid] for test in tests)
            running[_fork(mutants, tests, limit)] = (mutants, tests)
        else:
            mutants, tests = _wait(running)
            if mutants:
                waiting.insert(0, (mutants, tests))
    return True


def _mutants() -> list[str]:
    files = [json.loads(path.read_text()) for path in sorted(Path("src").rglob("*.py.meta"))]
    names = [name for file in files for name in file["exit_code_by_key"]]
    patterns = os.environ.get("MUTANTS", "").split() or ["*"]
    return [name for name in names if any(fnmatch.fnmatch(name, pattern) for pattern in patterns)]


def _in_order(function: str, tests: Iterable[str], took: dict[str, float]) -> list[str]:
    """The tests that call the function. Those of its own module come first, and then those that take least."""
    _, subject, module, *_ = function.split(".")
    own = f"tests/unit/{subject}/test_{module}.py"
    return sorted(tests, key=lambda test: (not test.startswith(own), took[test]))


def outcomes(folder: Path = Path()) -> dict[str, str]:
    """The outcomes by the names of the mutants."""
    lines = (folder / OUTCOMES).read_text().splitlines()
    return {name: outcome for outcome, name in (line.split("\t") for line in lines)}


def _record(outcome: str, name: str) -> None:
    with OUTCOMES.open("a") as file:
        file.write(f"{outcome}\t{name}\n")


def _fork(mutants: list[str], tests: list[pytest.Item], limit: float) -> int:
    """`limit` is the processor time for one mutant, in seconds. Ten times as much may pass."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.stdout, sys.stderr):
            os.dup2(nowhere, stream.fileno())
        for name in mutants:
            signal.setitimer(signal.ITIMER_PROF, limit)
            signal.setitimer(signal.ITIMER_REAL, 10 * limit)
            if not _run(name, tests, is_first=name == mutants[0]):
                break
        code = 0
    finally:
        os._exit(code)


def _run(name: str, tests: list[pytest.Item], *, is_first: bool) -> bool:
    """Whether the process can run another mutant: the test that noticed this one passes without the change.

    If it does not, and this is not the first mutant of the process, an earlier mutant may be the cause.
    """
    failed = _first_failure(tests, name)
    if failed is None:
        _record(NOT_NOTICED, name)
        return True
    is_clean = _first_failure([failed], UNCHANGED) is None
    if is_clean or is_first:
        _record(NOTICED, name)
    return is_clean


def _first_failure(tests: list[pytest.Item], mutant: str) -> pytest.Item | None:
    os.environ[MUTANT] = mutant
    for test in tests:
        before = test.session.testsfailed
        test.ihook.pytest_runtest_protocol(item=test, nextitem=None)
        if test.session.testsfailed > before:
            return test
    return None


def _wait(running: dict[int, tuple[list[str], list[pytest.Item]]]) -> tuple[list[str], list[pytest.Item]]:
    """The mutants of a fork that has ended that have no outcome yet."""
    pid, status = os.wait()
    mutants, tests = running.pop(pid)
    known = outcomes()
    rest = [name for name in mutants if name not in known]
    if status and rest:
        ended = os.waitstatus_to_exitcode(status)
        _record(SLOW if ended in (-signal.SIGPROF, -signal.SIGALRM) else BROKEN, rest.pop(0))
    print(f"{len(known)} mutants have run; {len(survivors(known))} of them survived", flush=True)
    return rest, tests


def survivors(known: dict[str, str]) -> list[str]:
    return [name for name, outcome in known.items() if outcome not in (NOTICED, SLOW) and name != UNCHANGED]
