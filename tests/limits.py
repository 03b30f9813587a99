"""Runs code on one hostile input within a limit of processor time and of memory."""

import resource
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import yaml

Input = TypeVar("Input")
Output = TypeVar("Output")

MAX_SECONDS = 1.0
"""The limit of processor time for one input, on a machine that needs REFERENCE_SECONDS for `_reference`."""

REFERENCE_SECONDS = 0.085
REFERENCE = f"[{'a,' * 5_000}]"
MORE_RUNS = 8
"""The number of further runs of an input that took too long.

One run within the limit is enough, because a virtual machine may count the time that it waits for its host.
"""

MAX_BYTES = 128 * 2**20
"""The limit of memory for one input, beyond what the process had before."""

STOPPED_AFTER = 20
"""Seconds of processor time after which an input is interrupted, so that a report names it."""


class TooSlow(AssertionError):
    """The input took more than MAX_SECONDS, or was interrupted."""


def limited(run: Callable[[Input], Output], value: Input, stopped_after: int = STOPPED_AFTER) -> Output:
    """Returns the output. Raises TooSlow if all runs take more than MAX_SECONDS, and MemoryError beyond MAX_BYTES.

    The first run may import modules, compile patterns, or collect garbage. A slow or busy machine has a higher limit.
    """
    output, fastest = _timed(run, value, stopped_after)
    most = MAX_SECONDS
    for _ in range(MORE_RUNS):
        if fastest <= most:
            break
        most = max(most, MAX_SECONDS * _reference() / REFERENCE_SECONDS)
        fastest = min(fastest, _timed(run, value, stopped_after)[1])
    if fastest > most:
        raise TooSlow(f"{fastest:.1f} s of processor time, which may be {most:.1f} s on this machine")
    return output


def _reference() -> float:
    """Returns the processor time of a fixed calculation, in seconds.

    The calculation is the parser in Python, as in inspections. At times it takes three times as long, and C does not.
    """
    started = time.process_time()
    yaml.compose(REFERENCE, Loader=yaml.SafeLoader)
    return time.process_time() - started


def _timed(run: Callable[[Input], Output], value: Input, stopped_after: int) -> tuple[Output, float]:
    def interrupt(*_: object) -> None:
        raise TooSlow(f"interrupted after {stopped_after} s of processor time")

    signal.signal(signal.SIGPROF, interrupt)
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (_used_bytes() + MAX_BYTES, hard))
    signal.setitimer(signal.ITIMER_PROF, stopped_after)
    started = time.process_time()
    try:
        output = run(value)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
    return output, time.process_time() - started


def _used_bytes() -> int:
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmData:")]
    return int(line.split()[1]) * 1024
