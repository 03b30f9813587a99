"""Starts runs of `python -m tests.witness` on a stand-in, and lists what they created and did not remove."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from local.cloud import Cloud
from local.settings import ROOT


def start(cloud: Cloud, speed: float, *arguments: str) -> subprocess.Popen[str]:
    """Starts the command in a process group of its own."""
    credentials = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.witness", "--speed", str(speed), *arguments],
        env=os.environ | credentials | {"AWS_ENDPOINT_URL": cloud.endpoint},
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def left(cloud: Cloud) -> list[str]:
    """The resources that a run created and did not remove."""
    resources: list[Any] = cloud.client("elasticbeanstalk").describe_applications()["Applications"]
    resources += cloud.client("elasticbeanstalk").describe_environments(IncludeDeleted=False)["Environments"]
    resources += cloud.client("s3").list_buckets()["Buckets"]
    resources += cloud.client("sqs").list_queues().get("QueueUrls", [])
    resources += cloud.client("events").list_rules()["Rules"]
    resources += cloud.client("iam").list_roles(MaxItems=1000)["Roles"]
    resources += cloud.client("iam").list_instance_profiles()["InstanceProfiles"]
    return [str(each) for each in resources if "wardrop-witness" in str(each)]


def ledger_of(run: subprocess.Popen[str]) -> tuple[Path, list[str]]:
    """The ledger that the output names, and the lines before."""
    lines = []
    for line in run.stdout or ():
        lines.append(line)
        if line.startswith("run "):
            return ROOT / line.split("; ")[1].split()[0], lines
    raise AssertionError("".join(lines))


def made(cloud: Cloud) -> list[str]:
    listed = cloud.client("elasticbeanstalk").describe_environments(IncludeDeleted=False)["Environments"]
    return [each["EnvironmentName"] for each in listed if each["EnvironmentName"].startswith("wardrop-witness")]
