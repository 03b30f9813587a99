"""`make simulate [SEED=n]` runs many histories on all processors, or prints one history step by step."""

import os
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from tests.simulation.history import History
from tests.simulation.invariants import Broken


def final_states(seed: int) -> Counter[str]:
    return History(seed).run()


def replay(seed: int) -> int:
    history = History(seed)
    try:
        history.run()
    except Broken as error:
        print(*history.log, f"BROKEN: {error}", sep="\n")
        return 1
    print(*history.log, "all invariants hold", sep="\n")
    return 0


def main() -> int:
    if len(sys.argv) > 1:
        return replay(int(sys.argv[1]))
    count = int(os.environ.get("HISTORIES", "100000"))
    states: Counter[str] = Counter()
    with ProcessPoolExecutor() as pool:
        for of_history in pool.map(final_states, range(count), chunksize=50):
            states += of_history
    print(f"The invariants hold in {count} histories. Final states of deployments:", dict(states.most_common()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
