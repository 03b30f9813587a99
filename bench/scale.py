"""Measures the stand-in with 200 environments of four instances each.

It measures the duration of DescribeEnvironments, the delay of simultaneous deployments, and the memory of the process.
"""

import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.figure import Figure, of_runs
from local.cloud import Cloud

ENVIRONMENTS, INSTANCES, SPEED = 200, 4, 60
DESCRIBE_RUNS = 11
DEPLOYMENT_SECONDS = 8 + INSTANCES * (28 + 10 + 12 * 10) + 2
"""The simulated seconds of a rolling deployment in batches of one instance, if no step is late."""

PATIENCE_SECONDS = 120
COMMAND, ASG = "aws:elasticbeanstalk:command", "aws:autoscaling:asg"
OPTIONS = [(COMMAND, "DeploymentPolicy", "Rolling"), (COMMAND, "BatchSizeType", "Fixed"), (COMMAND, "BatchSize", "1")]
OPTIONS += [(ASG, "MinSize", str(INSTANCES)), (ASG, "MaxSize", str(INSTANCES))]


def figures() -> Iterator[Figure]:
    with Cloud(speed=SPEED) as cloud:
        api = cloud.client("elasticbeanstalk")
        names = [f"scale-{number:03}" for number in range(ENVIRONMENTS)]
        create(api, names)
        describe_times = []
        for _ in range(DESCRIBE_RUNS):
            started = time.perf_counter()
            environments = api.describe_environments()["Environments"]
            describe_times.append((time.perf_counter() - started) * 1000)
        yield of_runs(f"DescribeEnvironments of {len(environments)}, with boto3", describe_times, 150, "ms")
        for name in names:
            api.update_environment(EnvironmentName=name, VersionLabel="shop-0")
        _wait_until_ready(api, names)
        delays = [100 * (_deployment_seconds(api, name) * SPEED / DEPLOYMENT_SECONDS - 1) for name in names]
        yield of_runs(f"{ENVIRONMENTS} simultaneous deployments: delay of each", delays, 10, "%")
        yield Figure(f"memory with {ENVIRONMENTS} environments of {INSTANCES} instances", _resident(cloud), 400, "MB")


def create(api: Any, names: list[str]) -> None:
    """Creates the environments, and waits until they are Ready."""
    stack = api.describe_environments(EnvironmentNames=["shop-staging"])["Environments"][0]["SolutionStackName"]
    settings = [{"Namespace": namespace, "OptionName": name, "Value": value} for namespace, name, value in OPTIONS]
    for name in names:
        api.create_environment(
            ApplicationName="shop",
            EnvironmentName=name,
            SolutionStackName=stack,
            VersionLabel="shop-0",
            OptionSettings=settings,
        )
    _wait_until_ready(api, names)


def _wait_until_ready(api: Any, names: list[str]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        time.sleep(0.5)
        environments = api.describe_environments(EnvironmentNames=names)["Environments"]
        if all(environment["Status"] == "Ready" for environment in environments):
            return
    raise TimeoutError("the environments were not Ready in time")


def _deployment_seconds(api: Any, name: str) -> float:
    """Returns the time that the newest deployment took, in real seconds."""
    newest: dict[str, datetime] = {}
    for event in api.describe_events(EnvironmentName=name)["Events"]:
        newest.setdefault(event["Message"], event["EventDate"])
    started, ended = newest["Environment update is starting."], newest["Environment update completed successfully."]
    return (ended - started).total_seconds()


def _resident(cloud: Cloud) -> float:
    """Returns the resident memory of the stand-in's process, in MB."""
    pages = int(Path(f"/proc/{cloud.process.pid}/statm").read_text().split()[1])
    return pages * 4096 / 1_000_000
