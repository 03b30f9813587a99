"""`make simulate [SEED=n]`: many histories on all processors, or one of them step by step."""

import os
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from tests.simulation.history import History
from tests.simulation.invariants import Broken


def ends(seed: int) -> Counter[str]:
    return History(seed).run()


def replay(seed: int) -> int:
    history = History(seed)
    try:
        history.run()
    except Broken as error:
        print(*history.log, f"BROKEN: {error}", sep="\n")
        return 1
    print(*history.log, "everything holds", sep="\n")
    return 0


def main() -> int:
    if len(sys.argv) > 1:
        return replay(int(sys.argv[1]))
    count = int(os.environ.get("HISTORIES", "100000"))
    seen: Counter[str] = Counter()
    with ProcessPoolExecutor() as pool:
        for found in pool.map(ends, range(count), chunksize=50):
            seen += found
    print(f"{count} histories hold; their deployments ended:", dict(seen.most_common()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
