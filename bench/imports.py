"""What a function's module costs to import, beside boto3 with the clients that it uses."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from unittest import mock

from bench.figure import Figure
from wardrop.aws import clients
from wardrop.wiring import Wiring

RUNS = 15


def figures() -> Iterator[Figure]:
    for app in sorted(Path("functions").glob("*/app.py")):
        names = _services(set(re.findall(r"wiring\.(\w+)", app.read_text())))
        alone = "import boto3\n" + "\n".join(f"boto3.client({name!r})" for name in names)
        ours = f"import sys; sys.path.insert(0, {str(app.parent)!r}); import app"
        pairs = [(_seconds("pass"), _seconds(alone), _seconds(ours)) for _ in range(RUNS)][1:]
        ratios = sorted((ours - bare) / (alone - bare) for bare, alone, ours in pairs)
        own = 1000 * median(ours - bare for bare, _, ours in pairs)
        boto = 1000 * median(alone - bare for bare, alone, _ in pairs)
        yield Figure(
            f"import {app.parent.name}, against boto3 with its clients",
            median(ratios),
            1.25,
            "×",
            len(ratios),
            (ratios[0], ratios[-1]),
            f"{own:.0f} ms against {boto:.0f} ms ({', '.join(names)})",
        )


class _Environ(dict[str, str]):
    """Every variable is set."""

    def __contains__(self, _: object) -> bool:
        return True

    def __missing__(self, _: str) -> str:
        return "1"


def _services(parts: set[str]) -> list[str]:
    """Of which the wiring makes clients for these parts."""
    made: set[str] = set()

    def client(service: str, **_: object) -> object:
        made.add(service)
        return object()

    for cached in (one for one in vars(clients).values() if hasattr(one, "cache_clear")):
        cached.cache_clear()
    with mock.patch("boto3.client", client):
        wiring = Wiring(_Environ())
        for part in parts:
            getattr(wiring, part)
    return sorted(made)


def _seconds(program: str) -> float:
    environment = os.environ | {
        "PYTHONDONTWRITEBYTECODE": "",  # as in Lambda, what is imported is compiled
        "PYTHONPATH": "layers/wardrop",
        "AWS_DEFAULT_REGION": "us-east-1",
        "POWERTOOLS_SERVICE_NAME": "bench",
        "POWERTOOLS_METRICS_NAMESPACE": "bench",
    }
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)
    return time.perf_counter() - started
