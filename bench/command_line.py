"""Measures how long users wait for the command `wardrop`."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench.figure import Figure, of_runs
from bench.scale import ENVIRONMENTS, create
from local.cloud import Cloud

RUNS = 7
REST_SECONDS = 5
COMMAND = str(Path(sys.executable).with_name("wardrop"))


def figures() -> Iterator[Figure]:
    yield of_runs("wardrop --help", _milliseconds(["--help"], {}), 300, "ms")
    with Cloud(speed=60) as cloud:
        create(cloud.client("elasticbeanstalk"), [f"scale-{number:03}" for number in range(ENVIRONMENTS)])
        _bring_to_rest(cloud)
        variables = {
            "AWS_ENDPOINT_URL": cloud.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
        }
        yield of_runs(
            f"wardrop status of {ENVIRONMENTS} environments", _milliseconds(["status"], variables), 1000, "ms"
        )


def _bring_to_rest(cloud: Cloud) -> None:
    """Waits until the functions have read the new environments, because they use the same processors as the command."""
    cloud.disable("Tick")
    count, last = 0, -1
    while count != last:
        time.sleep(REST_SECONDS)
        count, last = len(cloud.control("GET", "/calls")), count


def _milliseconds(arguments: list[str], variables: dict[str, str]) -> Iterator[float]:
    """Measures the runs after the first one. The first run also compiles the modules and starts the function."""
    for number in range(RUNS + 1):
        started = time.perf_counter()
        subprocess.run([COMMAND, *arguments], env=os.environ | variables, stdout=subprocess.DEVNULL, check=True)
        if number:
            yield (time.perf_counter() - started) * 1000
