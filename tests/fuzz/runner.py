"""Runs a target on generated inputs, each within a limit of processor time and of memory."""

import base64
import hashlib
import json
import pickle
import resource
import signal
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.target import Target

FOLDER = Path(".fuzz")
"""The inputs that failed."""

MAX_SECONDS = 1.0
"""The limit of processor time for one input, on a machine that needs REFERENCE_SECONDS for `_reference`."""

REFERENCE_SECONDS = 0.025

MAX_BYTES = 128 * 2**20
"""The limit of memory for one input, beyond what the process had before."""

EXAMPLES = 200
STOPPED_AFTER = 20
"""Seconds of processor time after which an input is interrupted, so that a report names it."""


class TooSlow(AssertionError):
    """The input took more than MAX_SECONDS, or was interrupted."""


def fuzz(target: Target, seconds: float, start: int) -> int:
    """Runs generated inputs for so many seconds. Returns their number.

    Raises the error of a shrunk input. The attribute `fuzzed` of the error contains the input. Each round has another
    seed, because a round begins with simple inputs.
    """
    inputs = 0

    def run(value: Any) -> None:
        nonlocal inputs
        inputs += 1
        try:
            limited(target.run, value)
        except Exception as error:  # it is raised again with its input
            error.fuzzed = value  # type: ignore[attr-defined] # hypothesis raises the error of the shrunk input
            raise

    ends = time.monotonic() + seconds
    for number in count(start):
        _round(target, run, number, EXAMPLES)
        if time.monotonic() > ends:
            return inputs
    raise AssertionError("count() has no end")


def _round(target: Target, run: Callable[[Any], None], number: int, examples: int) -> None:
    configured = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
        print_blob=False,
        report_multiple_bugs=False,
    )
    seed(number)(configured(given(target.inputs)(run)))()


def limited(run: Callable[[Any], None], value: Any, stopped_after: int = STOPPED_AFTER) -> None:
    """Raises TooSlow if two runs take more than MAX_SECONDS, and MemoryError beyond MAX_BYTES.

    The first run may import modules, compile patterns, or collect garbage. A slow or busy machine has a higher limit.
    """
    if _time_of(run, value, stopped_after) <= MAX_SECONDS:
        return
    slowness = max(_reference(), _reference(), REFERENCE_SECONDS) / REFERENCE_SECONDS
    again = _time_of(run, value, stopped_after)
    if again > MAX_SECONDS * slowness:
        raise TooSlow(f"{again:.1f} s of processor time, which may be {MAX_SECONDS * slowness:.1f} s on this machine")


def _reference() -> float:
    """The processor time of a fixed calculation, in seconds."""
    started = time.process_time()
    sum(number % 7 for number in range(500_000))
    return time.process_time() - started


def input_of(error: BaseException) -> Any:
    """The input that caused the error. A flaky error is a group of the errors of several runs. None: not known."""
    errors = (error, *getattr(error, "exceptions", ()))
    return next((each.fuzzed for each in errors if hasattr(each, "fuzzed")), None)


def _time_of(run: Callable[[Any], None], value: Any, stopped_after: int) -> float:
    def interrupt(*_: object) -> None:
        raise TooSlow(f"interrupted after {stopped_after} s of processor time")

    signal.signal(signal.SIGPROF, interrupt)
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (_used_bytes() + MAX_BYTES, hard))
    signal.setitimer(signal.ITIMER_PROF, stopped_after)
    started = time.process_time()
    try:
        run(value)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
    return time.process_time() - started


def _used_bytes() -> int:
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmData:")]
    return int(line.split()[1]) * 1024


def kept(folder: Path, name: str, value: Any) -> Path:
    """Writes an input to a file, from which `make fuzz` runs it again."""
    folder.mkdir(parents=True, exist_ok=True)
    content = pickle.dumps(value)
    path = folder / f"{name}-{hashlib.sha256(content).hexdigest()[:16]}.json"
    path.write_text(json.dumps({"input": repr(value)[:100_000], "pickle": base64.b64encode(content).decode()}))
    return path


def restored(path: Path) -> Any:
    return pickle.loads(base64.b64decode(json.loads(path.read_text())["pickle"]))  # noqa: S301 - written by `kept`
