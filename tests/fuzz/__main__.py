"""`python -m tests.fuzz [--seconds N] [--seed N] [TARGET or FILE ...]` fuzzes the named targets, or all of them.

A file is an input that failed before, and is run again. A failing input is shrunk, printed and written to .fuzz/.
"""

import argparse
import logging
import sys
import time
import traceback
from pathlib import Path

from tests.fuzz.runner import FOLDER, fuzz, input_of, kept, restored
from tests.fuzz.targets import TARGETS
from tests.limits import limited


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("names", nargs="*")
    options.add_argument("--seconds", type=float, default=600)
    options.add_argument("--seed", type=int, default=int(time.time()))
    given = options.parse_args()
    logging.disable()
    failed = [name for name in given.names or TARGETS if not _passes(name, given.seconds, given.seed)]
    return 1 if failed else 0


def _passes(name: str, seconds: float, seed: int) -> bool:
    if name not in TARGETS:
        return _repeated(Path(name))
    try:
        inputs = fuzz(TARGETS[name], seconds, seed)
    except Exception as error:  # any error is a failure that the report describes
        traceback.print_exception(error, limit=-6)
        value = input_of(error)
        where = kept(FOLDER, name, value) if value is not None else "nowhere"
        print(f"{name}: FAILED with seed {seed}; the input is in {where}", flush=True)
        return False
    print(f"{name}: {inputs:,} inputs in {seconds:.0f} s, seed {seed}", flush=True)
    return True


def _repeated(path: Path) -> bool:
    target = TARGETS[path.name.rpartition("-")[0]]
    limited(target.run, restored(path))
    print(f"{path}: passes now")
    return True


if __name__ == "__main__":
    sys.exit(main())
