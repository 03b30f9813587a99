"""`make demo` and `make local`, as a person runs them in a new clone."""

import contextlib
import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from local.cloud import free_port
from local.settings import REGION, ROOT

DEMO = [sys.executable, "-m", "local.demo"]
DEMO_SECONDS = 240
START_SECONDS = 60
STOP_SECONDS = 20
# The targets use the Python that runs these tests, even if its environment is not .venv.
MAKE = ["make", "--no-print-directory", f"VENV={Path(sys.prefix)}"]


def plain_environment() -> dict[str, str]:
    """The environment variables of a shell, without AWS credentials and without the variables that pytest sets."""
    foreign = ("AWS_", "COLUMNS", "LINES", "MAKE", "PYTEST_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return kept | {"PYTHONPATH": "layers/wardrop"}


def run(command: list[str], seconds: float = START_SECONDS) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=ROOT, env=plain_environment(), capture_output=True, text=True, timeout=seconds, check=False
    )


@dataclass(frozen=True)
class Demos:
    piped: Future[subprocess.CompletedProcess[str]]
    in_terminal: Future[tuple[str, int]]


@pytest.fixture(scope="module")
def demos() -> Iterator[Demos]:
    """Runs the two demos at the same time, because a demo mostly waits."""
    with ThreadPoolExecutor() as pool:
        yield Demos(pool.submit(run, [*MAKE, "demo"], DEMO_SECONDS), pool.submit(in_terminal, DEMO, DEMO_SECONDS))


def test_make_demo_deploys_and_promotes_a_version_rolls_back_a_bad_one_and_cleans_up(demos: Demos) -> None:
    ended = demos.piped.result()
    assert (ended.returncode, ended.stderr) == (0, "")
    _, deployed, promoted, rolled_back, guarded, cleaned = ended.stdout.split("\nStep ")
    steps = [
        "$ wardrop config push local/demo/shop.yaml --app shop",
        "Version 1 of /wardrop/applications/shop is stored.",
        "$ wardrop drop build/shop-1.war --app shop --wait",
        "shop-1 to shop-staging: queued: shop-1 was dropped as shop/shop-1.war",
        "shop-1 to shop-staging: deploying: shop-staging is Ready: shop-1 replaces shop-0",
        "shop-1 to shop-staging: succeeded: all 2 instances run shop-1 and health is",
    ]
    assert_in_order(steps, deployed)
    steps = [
        "$ wardrop approve shop-prod shop-1 --wait",
        "shop-1 is approved for shop-prod by test",
        "shop-1 to shop-prod: deploying: shop-prod is Ready: shop-1 replaces shop-0",
        *(f"shop-prod: Batch {number}: Completed application deployment." for number in (1, 2, 3, 4)),
        "shop-1 to shop-prod: succeeded: all 4 instances run shop-1 and health is",
        "$ wardrop status",
    ]
    assert_in_order(steps, promoted)
    assert re.search(r"^  2  shop-prod +shop-1 ", promoted, re.MULTILINE)
    steps = [
        "$ wardrop drop build/shop-2.war --env shop-staging --wait",
        "shop-2 to shop-staging: deploying: shop-staging is Ready: shop-2 replaces shop-1",
        "shop-2 to shop-staging: rolling back: Instance id(s) 'i-",
        "shop-2 to shop-staging: rolled back: Instance id(s) 'i-",
        "shop-1 runs again: all 2 instances run shop-1",
    ]
    assert_in_order(steps, rolled_back)
    steps = [
        "$ wardrop config push local/demo/guarded.yaml --app shop --yes",
        "$ wardrop drop build/shop-3.war --env shop-staging",
        "$ wardrop status shop-staging",
        "shop-3 waits to be approved for shop-staging: all 2 instances are replaced at once:",
        "$ wardrop decline shop-staging shop-3 --because 'the service must stay up'",
        "shop-3 is declined for shop-staging by test",
        "$ wardrop history shop-staging",
        "shop-3 declined",
        "shop-2 rolled back",
        "shop-1 succeeded",
    ]
    assert_in_order(steps, guarded)
    steps = [
        "$ wardrop clean --dry-run",
        "$ wardrop clean --yes",
        "Slack's #wardrop:",
        "✅ shop-staging: shop-1 was deployed in ",
        "↳ 👀 shop-staging: shop-1 is live; checking that it stays healthy",
        "✅ shop-prod: shop-1 was deployed in ",
        "↳ 👍 shop-prod: shop-1 was approved",
        "↩️ shop-staging: shop-2 failed; rolled back to shop-1 after ",
        "🚫 shop-staging: shop-3 was declined",
    ]
    assert_in_order(steps, cleaned)
    assert re.search(r"The demo took \d+ s\.", cleaned)


def assert_in_order(steps: list[str], text: str) -> None:
    for step in steps:
        before, separator, text = text.partition(step)
        assert separator, f"{step!r} does not follow {before[-300:]!r}"


def test_in_a_terminal_the_commands_show_their_live_screens(demos: Demos) -> None:
    output, code = demos.in_terminal.result()
    assert code == 0, output[-2000:]
    assert output.count("\x1b[1A") > 20, "no screen is redrawn"
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", output)
    for command in ("drop build/shop-1.war --app shop --wait", "approve shop-prod shop-1 --wait", "clean --dry-run"):
        assert f"$ wardrop {command}" in plain
    assert re.search(r"The demo took \d+ s\.", plain)
    assert not re.search(r"\d\d:\d\d:\d\d shop-1 to shop-staging: ", plain), "only a pipe gets a line for each change"


def in_terminal(command: list[str], seconds: float) -> tuple[str, int]:
    """Runs a command in a terminal of 120 columns and 40 lines. Returns its output and its exit code."""
    master, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    environment = plain_environment() | {"TERM": "xterm-256color"}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=terminal, stdout=terminal, stderr=terminal)
    os.close(terminal)
    killer = threading.Timer(seconds, process.kill)
    killer.start()
    output = b""
    with contextlib.suppress(OSError):  # Reading fails when no process has the terminal open any more.
        while chunk := os.read(master, 65536):
            output += chunk
    os.close(master)
    code = process.wait()
    killer.cancel()
    return output.decode(), code


def test_the_demo_of_a_rejected_war_exits_5_and_prints_the_reason(tmp_path: Path) -> None:
    war = tmp_path / "notes-1.war"
    war.write_text("not a WAR at all\n")
    ended = run([*DEMO, str(war)])
    assert ended.returncode == 5
    assert "notes-1.war is not a WAR file" in ended.stderr


def test_make_demo_of_a_missing_file_fails_with_one_line() -> None:
    ended = run([*MAKE, "demo", "WAR=not-there.war"])
    assert ended.returncode != 0
    assert ended.stdout == ""
    assert ended.stderr.splitlines()[0] == "WAR=not-there.war: No such file or directory"
    assert len([line for line in ended.stderr.splitlines() if not line.startswith("make")]) == 1


def test_the_demo_of_a_missing_file_exits_2_with_one_line() -> None:
    ended = run([*DEMO, "not-there.war"])
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "WAR=not-there.war: No such file or directory\n"


class Local:
    """`make local` in its own process group, as a shell starts it in the foreground."""

    def __init__(self) -> None:
        self.port = free_port()
        self.make = subprocess.Popen(
            [*MAKE, "local", f"PORT={self.port}"],
            cwd=ROOT,
            env=plain_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def line(self) -> str:
        assert self.make.stdout
        return self.make.stdout.readline()

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=f"http://localhost:{self.port}",
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def control(self, path: str) -> Any:
        with urllib.request.urlopen(f"http://localhost:{self.port + 1}{path}", timeout=10) as answer:
            return json.load(answer)

    def processes(self) -> dict[int, str]:
        """By process id, the names of the processes in the session of make and of their descendants.

        The functions are descendants in other sessions.
        """
        known: dict[int, tuple[int, int, str]] = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                name, fields = (folder / "stat").read_text().rsplit(")", 1)
            except OSError:
                continue
            state, parent, _, session = fields.split()[:4]
            if state != "Z":
                known[int(folder.name)] = (int(parent), int(session), name.partition("(")[2])
        found = {pid for pid, (_, session, _) in known.items() if session == self.make.pid}
        while more := {pid for pid, (parent, _, _) in known.items() if parent in found} - found:
            found |= more
        return {pid: known[pid][2] for pid in found}


@contextmanager
def start_local() -> Iterator[Local]:
    local = Local()
    try:
        yield local
    finally:
        if local.make.poll() is None:
            os.killpg(local.make.pid, signal.SIGKILL)
        local.make.communicate()


def test_two_clouds_run_side_by_side_as_specified_and_leave_no_process() -> None:
    with start_local() as first, start_local() as second:
        assert first.line() == f"ready http://localhost:{first.port}\n"
        assert second.line() == f"ready http://localhost:{second.port}\n"
        for local in (first, second):
            assert_shop_is_as_specified(local)
        bucket = json.loads(first.client("ssm").get_parameter(Name="/wardrop/outputs")["Parameter"]["Value"])[
            "DropBucket"
        ]
        first.client("s3").put_object(Bucket=bucket, Key="shop/shop-staging/bad-1.war", Body=b"bad")
        eventually(lambda: tags(first, bucket, "shop/shop-staging/bad-1.war"), START_SECONDS)
        assert [call for call in first.control("/calls") if call["principal"] == "ReceiveDrop"]
        assert not [call for call in second.control("/calls") if call["principal"] == "ReceiveDrop"]

        processes = first.processes() | second.processes()
        assert any("lambda-rie" in name for name in first.processes().values())
        os.killpg(first.make.pid, signal.SIGINT)  # as Ctrl-C in a terminal
        os.kill(second.make.pid, signal.SIGTERM)
        for local in (first, second):
            rest, _ = local.make.communicate(timeout=STOP_SECONDS)
            assert rest == ""
        eventually(lambda: not any(map(is_alive, processes)), STOP_SECONDS)


def tags(local: Local, bucket: str, key: str) -> dict[str, str]:
    answer = local.client("s3").get_object_tagging(Bucket=bucket, Key=key)
    return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}


def assert_shop_is_as_specified(local: Local) -> None:
    api = local.client("elasticbeanstalk")
    assert [application["ApplicationName"] for application in api.describe_applications()["Applications"]] == ["shop"]
    environments = {each["EnvironmentName"]: each for each in api.describe_environments()["Environments"]}
    assert sorted(environments) == ["shop-prod", "shop-staging"]
    for name, instances in (("shop-staging", 2), ("shop-prod", 4)):
        environment = environments[name]
        assert (environment["Status"], environment["HealthStatus"]) == ("Ready", "Ok")
        assert environment["VersionLabel"] == "shop-0"
        assert "Tomcat" in environment["SolutionStackName"]
        reports = api.describe_instances_health(EnvironmentName=name, AttributeNames=["All"])["InstanceHealthList"]
        assert [report["Deployment"]["VersionLabel"] for report in reports] == ["shop-0"] * instances
        [settings] = api.describe_configuration_settings(ApplicationName="shop", EnvironmentName=name)[
            "ConfigurationSettings"
        ]
        options = {
            (option["Namespace"], option["OptionName"]): option.get("Value") for option in settings["OptionSettings"]
        }
        command = "aws:elasticbeanstalk:command"
        assert options[command, "DeploymentPolicy"] == "Rolling"
        assert (options[command, "BatchSizeType"], options[command, "BatchSize"]) == ("Fixed", "1")
        assert options["aws:elasticbeanstalk:environment", "EnvironmentType"] == "LoadBalanced"
    with pytest.raises(local.client("ssm").exceptions.ParameterNotFound):
        local.client("ssm").get_parameter(Name="/wardrop/applications/shop")


def eventually(is_true: Callable[[], Any], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < until, f"not within {seconds} seconds"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
