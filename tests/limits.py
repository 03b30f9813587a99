"""Runs code on one hostile input within a limit of processor time and of memory."""

import resource
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Input = TypeVar("Input")
Output = TypeVar("Output")

MAX_SECONDS = 1.0
"""The limit of processor time for one input, on a machine that needs REFERENCE_SECONDS for `_reference`."""

REFERENCE_SECONDS = 0.025

MAX_BYTES = 128 * 2**20
"""The limit of memory for one input, beyond what the process had before."""

STOPPED_AFTER = 20
"""Seconds of processor time after which an input is interrupted, so that a report names it."""


class TooSlow(AssertionError):
    """The input took more than MAX_SECONDS, or was interrupted."""


def limited(run: Callable[[Input], Output], value: Input, stopped_after: int = STOPPED_AFTER) -> Output:
    """Returns the output. Raises TooSlow if two runs take more than MAX_SECONDS, and MemoryError beyond MAX_BYTES.

    The first run may import modules, compile patterns, or collect garbage. A slow or busy machine has a higher limit.
    """
    output, seconds = _timed(run, value, stopped_after)
    if seconds <= MAX_SECONDS:
        return output
    slowness = max(_reference(), _reference(), REFERENCE_SECONDS) / REFERENCE_SECONDS
    _, again = _timed(run, value, stopped_after)
    if again > MAX_SECONDS * slowness:
        raise TooSlow(f"{again:.1f} s of processor time, which may be {MAX_SECONDS * slowness:.1f} s on this machine")
    return output


def _reference() -> float:
    """The processor time of a fixed calculation, in seconds."""
    started = time.process_time()
    sum(number % 7 for number in range(500_000))
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
