"""`python -m bench [PART ...]` measures the figures that have limits, and prints each figure with its limit."""

import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import (
    alarms,
    alerts,
    build,
    calls,
    cleaning,
    cold_starts,
    command_line,
    cost,
    detection,
    evidence,
    foreign_updates,
    inspection,
    latency,
    planning,
    refusals,
    scale,
    slack_secret,
    structure,
    tomcats,
)
from bench.figure import Figure

DEMO_SECONDS = 45
TEST_SECONDS = 180
LOCAL_LINES = 6_300


def project() -> Iterator[Figure]:
    """Measures the size of local/, and the times that `make demo` and `make test` take."""
    lines = sum(len(path.read_text().splitlines()) for path in Path("local").rglob("*.py"))
    yield Figure("lines of Python in local/", lines, LOCAL_LINES, "")
    for target, limit in (("demo", DEMO_SECONDS), ("test", TEST_SECONDS)):
        started = time.perf_counter()
        subprocess.run(["make", target], stdout=subprocess.DEVNULL, check=True)
        yield Figure(f"make {target}, after setup", time.perf_counter() - started, limit, "s")


PARTS: dict[str, Callable[[], Iterator[Figure]]] = {
    "latency": latency.figures,
    "calls": calls.figures,
    "detection": detection.figures,
    "evidence": evidence.figures,
    "alarms": alarms.figures,
    "foreign-updates": foreign_updates.figures,
    "cost": cost.figures,
    "inspection": inspection.figures,
    "cleaning": cleaning.figures,
    "build": build.figures,
    "cold-starts": cold_starts.figures,
    "refusals": refusals.figures,
    "scale": scale.figures,
    "command-line": command_line.figures,
    "planning": planning.figures,
    "alerts": alerts.figures,
    "slack-secret": slack_secret.figures,
    "structure": structure.figures,
    "tomcats": tomcats.figures,
    "project": project,
}


def main(names: list[str]) -> int:
    """Measures the named parts, or all of them. Returns the exit status."""
    if unknown := set(names) - PARTS.keys():
        print(f"There is no part {', '.join(sorted(unknown))}. The parts are {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    figures: list[Figure] = []
    for name, measure in PARTS.items():
        if not names or name in names:
            print(f"measuring: {name}", file=sys.stderr)
            figures += measure()
    table = Table("figure", "median", "range", "runs", "limit", "within", title=_machine(), title_justify="left")
    for figure in figures:
        table.add_row(
            figure.name,
            f"{_number(figure.measured)} {figure.unit}",
            "" if figure.range is None else " to ".join(_number(value) for value in figure.range),
            str(figure.runs),
            f"≤ {_number(figure.limit)} {figure.unit}",
            "yes" if figure.is_within_limit else "[bold red]no[/]",
        )
    console = Console(width=None if sys.stdout.isatty() else 140)
    console.print(table)
    for figure in figures:
        if figure.note:
            console.print(f"{figure.name.strip()}: {figure.note}", highlight=False)
    return 0


def _number(value: float) -> str:
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.2f}" if value >= 0.01 else f"{value:.2g}"


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
