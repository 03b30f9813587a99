"""`make simulate [HISTORIES=100000] [FIRST=0]` runs many histories, and `SEED=n` prints one history step by step.

The histories run on all processors with low priority. Each violation is printed when it is found.
`python -m tests.simulation --alerts` measures the alerts of 200 good and 200 bad deployments.
"""

import os
import sys
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

from tests.simulation.alerts import cases, measure, summary
from tests.simulation.history import History
from tests.simulation.requirement import Broken

CHUNK, LOWEST_PRIORITY = 50, 19
PROGRESS_SECONDS = 10.0


@dataclass
class Histories:
    """The result of several histories."""

    count: int = 0
    states: Counter[str] = field(default_factory=Counter)
    """The final states of deployments."""

    violations: list[str] = field(default_factory=list)

    def __iadd__(self, other: "Histories") -> "Histories":
        self.count += other.count
        self.states += other.states
        self.violations += other.violations
        return self


def run(seeds: Iterable[int]) -> Histories:
    """An error of the simulation counts as a violation, so that it is reported with its seed."""
    every = Histories()
    for seed in seeds:
        every.count += 1
        try:
            every.states += History(seed).run()
        except Broken as error:
            every.violations.append(str(error))
        except Exception as error:  # the other histories run nevertheless
            every.violations.append(f"{type(error).__name__}: {error}; replay with: make simulate SEED={seed}")
    return every


def replay(seed: int) -> int:
    history = History(seed)
    try:
        history.run()
    except Broken as error:
        print(*history.log, f"BROKEN: {error}", sep="\n")
        return 1
    print(*history.log, "all invariants hold", sep="\n")
    return 0


def measure_alerts(good: int, bad: int) -> int:
    with ProcessPoolExecutor() as pool:
        measured = list(pool.map(measure, cases(good, bad), chunksize=10))
    print(summary(measured))
    return 0 if all(each.is_as_expected for each in measured) else 1


def simulate(first: int, count: int) -> int:
    every, began, reported = Histories(), time.monotonic(), 0.0
    with ProcessPoolExecutor(initializer=os.nice, initargs=(LOWEST_PRIORITY,)) as pool:
        chunks = (range(seed, min(seed + CHUNK, first + count)) for seed in range(first, first + count, CHUNK))
        for some in pool.map(run, chunks):
            every += some
            print(*some.violations, sep="\n", end="\n" if some.violations else "")
            seconds = time.monotonic() - began
            if seconds - reported >= PROGRESS_SECONDS or every.count == count:
                reported = seconds
                rate, bad = every.count / seconds, len(every.violations)
                print(f"{every.count:,} of {count:,} histories, {rate:.0f}/s, {bad} violations", flush=True)
    print(f"Final states of deployments: {dict(every.states.most_common())}")
    if every.violations:
        return 1
    print(f"The invariants hold in {count:,} histories, with the seeds {first} to {first + count - 1}.")
    return 0


def main() -> int:
    if sys.argv[1:] == ["--alerts"]:
        return measure_alerts(200, 200)
    if len(sys.argv) > 1:
        return replay(int(sys.argv[1]))
    return simulate(int(os.environ.get("FIRST", "0")), int(os.environ.get("HISTORIES", "100000")))


if __name__ == "__main__":
    sys.exit(main())
