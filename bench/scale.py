"""The stand-in at size: two hundred environments of four instances, described at once and deploying at once."""

import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.figure import Figure, of_runs
from local.cloud import Cloud

ENVIRONMENTS, INSTANCES, SPEED = 200, 4, 60
DESCRIBED = 11
STEPS_SECONDS = 8 + INSTANCES * (28 + 10 + 12 * 10) + 2
"""What a rolling deployment by one takes in Beanstalk's seconds, if nothing is late."""

PATIENCE_SECONDS = 120
COMMAND, ASG = "aws:elasticbeanstalk:command", "aws:autoscaling:asg"
OPTIONS = [(COMMAND, "DeploymentPolicy", "Rolling"), (COMMAND, "BatchSizeType", "Fixed"), (COMMAND, "BatchSize", "1")]
OPTIONS += [(ASG, "MinSize", str(INSTANCES)), (ASG, "MaxSize", str(INSTANCES))]


def figures() -> Iterator[Figure]:
    with Cloud(speed=SPEED) as cloud:
        api = cloud.client("elasticbeanstalk")
        names = [f"scale-{number:03}" for number in range(ENVIRONMENTS)]
        create(api, names)
        described = []
        for _ in range(DESCRIBED):
            began = time.perf_counter()
            found = api.describe_environments()["Environments"]
            described.append((time.perf_counter() - began) * 1000)
        yield of_runs(f"DescribeEnvironments of {len(found)}, by boto3", described, 150, "ms")
        for name in names:
            api.update_environment(EnvironmentName=name, VersionLabel="shop-0")
        _until_ready(api, names)
        took = [_deployment_seconds(api, name) * SPEED / STEPS_SECONDS - 1 for name in names]
        yield of_runs(f"{ENVIRONMENTS} deployments at once: behind the clock", [one * 100 for one in took], 10, "%")
        yield Figure(f"memory with {ENVIRONMENTS} environments of {INSTANCES} instances", _resident(cloud), 400, "MB")


def create(api: Any, names: list[str]) -> None:
    stack = api.describe_environments(EnvironmentNames=["shop-staging"])["Environments"][0]["SolutionStackName"]
    settings = [{"Namespace": space, "OptionName": name, "Value": value} for space, name, value in OPTIONS]
    for name in names:
        api.create_environment(
            ApplicationName="shop",
            EnvironmentName=name,
            SolutionStackName=stack,
            VersionLabel="shop-0",
            OptionSettings=settings,
        )
    _until_ready(api, names)


def _until_ready(api: Any, names: list[str]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        time.sleep(0.5)
        if all(one["Status"] == "Ready" for one in api.describe_environments(EnvironmentNames=names)["Environments"]):
            return
    raise TimeoutError("the environments were not Ready in time")


def _deployment_seconds(api: Any, name: str) -> float:
    at: dict[str, datetime] = {}
    for event in api.describe_events(EnvironmentName=name)["Events"]:
        at.setdefault(event["Message"], event["EventDate"])
    ended, began = at["Environment update completed successfully."], at["Environment update is starting."]
    return (ended - began).total_seconds()


def _resident(cloud: Cloud) -> float:
    pages = int(Path(f"/proc/{cloud.process.pid}/statm").read_text().split()[1])
    return pages * 4096 / 1_000_000
