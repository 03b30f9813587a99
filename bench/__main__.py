"""`python -m bench [PART ...]`: the table of figures, with what was promised beside them."""

import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import alerts, calls, cleaning, cost, imports, inspection, road, scale, seen, slack_secret, structure
from bench.figure import Figure

DEMO_SECONDS = 60
TEST_SECONDS = 180
LOCAL_LINES = 6_300


def project() -> Iterator[Figure]:
    """Figures of the project itself."""
    lines = sum(len(path.read_text().splitlines()) for path in Path("local").rglob("*.py"))
    yield Figure("lines of Python in local/", lines, LOCAL_LINES, "")
    for target, limit in (("demo", DEMO_SECONDS), ("test", TEST_SECONDS)):
        started = time.perf_counter()
        subprocess.run(["make", target], stdout=subprocess.DEVNULL, check=True)
        yield Figure(f"make {target}, after set-up", time.perf_counter() - started, limit, "s")


PARTS: dict[str, Callable[[], Iterator[Figure]]] = {
    "road": road.figures,
    "calls": calls.figures,
    "seen": seen.figures,
    "cost": cost.figures,
    "inspection": inspection.figures,
    "cleaning": cleaning.figures,
    "imports": imports.figures,
    "scale": scale.figures,
    "alerts": alerts.figures,
    "slack-secret": slack_secret.figures,
    "structure": structure.figures,
    "project": project,
}


def main(wanted: list[str]) -> int:
    if unknown := set(wanted) - PARTS.keys():
        print(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    found: list[Figure] = []
    for name, part in PARTS.items():
        if not wanted or name in wanted:
            print(f"measuring: {name}", file=sys.stderr)
            found += part()
    table = Table("figure", "median", "range", "runs", "promised", "kept", title=_machine(), title_justify="left")
    for figure in found:
        spread = "" if figure.spread is None else " to ".join(_written(value) for value in figure.spread)
        table.add_row(
            figure.what,
            f"{_written(figure.measured)} {figure.unit}",
            spread,
            str(figure.runs),
            f"≤ {_written(figure.limit)} {figure.unit}",
            "yes" if figure.is_kept else "[bold red]no[/]",
        )
    console = Console(width=None if sys.stdout.isatty() else 140)
    console.print(table)
    for figure in found:
        if figure.note:
            console.print(f"{figure.what.strip()}: {figure.note}", highlight=False)
    return 0


def _written(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.2f}"


def _machine() -> str:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    python = platform.python_version()
    return f"{os.cpu_count()} processors ({model}), {memory:.0f} GB, Linux {platform.release()}, Python {python}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
