"""`make chaos SEEDS=100` runs the seeds 1 to 100, `SEEDS=31-60` runs those, and `SEED=n` runs one.

Each seed is one line: passed or failed, the seconds, and how often each fault struck. The file .chaos/SEED.txt
describes a failure.
"""

import argparse
import sys
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.chaos.applications import EVERY
from tests.e2e.chaos.run import DROPS, Chaos, chaos, run
from tests.integration.activity import description

FOLDER = Path(".chaos")


@dataclass(frozen=True)
class Run:
    seed: int
    seconds: float
    struck: Counter[str]
    error: Exception | None
    activity: str = ""
    """The deployments of all environments, if the run failed."""

    def __str__(self) -> str:
        outcome = f"failed: {_first_line(self.error)}" if self.error else "passed"
        faults = ", ".join(f"{name} {times}" for name, times in sorted(self.struck.items()) if times)
        return f"seed {self.seed}: {outcome}; {self.seconds:.0f} s; {faults}"


def _first_line(error: Exception) -> str:
    first, *_ = str(error).splitlines() or [""]
    return f"{type(error).__name__}: {first}"


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("seeds", type=_seeds, help="100 or 31-60")
    failed = [seed for seed in options.parse_args().seeds if not _passes(seed)]
    if failed:
        print(f"{len(failed)} failed; again:", *(f"make chaos SEED={seed}" for seed in failed), sep="\n  ")
    return 1 if failed else 0


def _seeds(text: str) -> Sequence[int]:
    first, _, last = text.rpartition("-")
    return range(int(first or 1), int(last) + 1)


def _passes(seed: int) -> bool:
    outcome = attempt(seed)
    print(outcome, flush=True)
    if outcome.error is not None:
        FOLDER.mkdir(exist_ok=True)
        lines = [*traceback.format_exception(outcome.error), outcome.activity]
        (FOLDER / f"{seed}.txt").write_text("\n".join(lines))
    return outcome.error is None


def attempt(seed: int) -> Run:
    began, error, activity = time.monotonic(), None, ""
    with chaos(seed, EVERY, DROPS) as shop_under_faults:
        try:
            run(shop_under_faults)
        except Exception as raised:  # The error is reported, and the next seed runs.
            error, activity = raised, _activity(shop_under_faults)
    return Run(seed, time.monotonic() - began, shop_under_faults.struck, error, activity)


def _activity(shop_under_faults: Chaos) -> str:
    """Ends the faults, which counts them. Returns a description of every environment."""
    shop_under_faults.end_faults()
    return "\n".join(
        line for name in shop_under_faults.environments for line in description(shop_under_faults.shop, name)
    )


if __name__ == "__main__":
    sys.exit(main())
