"""What somebody sees who has just cloned this: `make demo` and `make local`."""

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
# make runs the Python that runs these tests, whatever it is called
MAKE = ["make", "--no-print-directory", f"VENV={Path(sys.prefix)}"]


def plain_environment() -> dict[str, str]:
    """As a shell has it: nothing of pytest's own, no AWS credentials."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTEST_", "MAKE"))}
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
    _, deployed, promoted, rolled_back, guarded, cleaned = ended.stdout.split("Step ")
    steps = [
        "$ aws s3 cp shop-1.war s3://",
        "queued       shop-1 was dropped as shop/shop-1.war, by demo as stated",
        "deploying    shop-staging is Ready: shop-1 replaces shop-0",
        "succeeded    all 2 instances run shop-1 and health is",
        "shop-staging runs shop-1, is Ready and ",
    ]
    assert_in_order(steps, deployed)
    steps = [
        "awaiting_approval shop-1 waits to be approved for shop-prod",
        '"command": "approve"',
        "answer       shop-1 is approved for shop-prod by test",
        "deploying    shop-prod is Ready: shop-1 replaces shop-0; cannot tell, because the .ebextensions of the",
        *(f"beanstalk    Batch {number}: Completed application deployment." for number in (1, 2, 3, 4)),
        "beanstalk    Environment update completed successfully.",
        "baking       all 4 instances run shop-1 and health is",
        "succeeded    all 4 instances run shop-1 and health is",
        "shop-prod runs shop-1, is Ready and ",
    ]
    assert_in_order(steps, promoted)
    assert re.search(r"^instances    (● shop-[01] \w+\s*|◐ shop-1 \w+\s*){4}$", promoted, re.MULTILINE)
    assert len(re.findall(r"^i-\w+\s+shop-1\s+Deployed", promoted, re.MULTILINE)) == 4
    assert re.search(r"^shop-1\s+succeeded\s+\d+ s\s+all 4 instances", promoted, re.MULTILINE)
    steps = [
        "$ aws s3 cp shop-2.war s3://",
        "deploying    shop-staging is Ready: shop-2 replaces shop-1",
        "did not pass health check after command execution",
        "beanstalk    Failed to deploy application.",
        "rolling_back Instance id(s) 'i-",
        "; of 2 instances 1 has shop-2, 1 has shop-1; ",
        "rolling back to shop-1",
        "rolling_back shop-staging is Ready: shop-1 replaces shop-1",
        "rolled_back  Instance id(s) 'i-",
        "shop-1 runs again: all 2 instances run shop-1",
        "shop-staging runs shop-1, is Ready and ",
    ]
    assert_in_order(steps, rolled_back)
    assert len(re.findall(r"^i-\w+\s+shop-1\s+Deployed", rolled_back, re.MULTILINE)) == 2
    assert re.search(r"^shop-2\s+rolled_back\s", rolled_back, re.MULTILINE)
    steps = [
        "guard: abort",
        "$ aws s3 cp shop-3.war s3://",
        "awaiting_approval shop-3 waits to be approved for shop-staging: all 2 instances are replaced at once:",
        '"command": "decline"',
        "answer       shop-3 is declined for shop-staging by test",
        "shop-staging runs shop-1, is Ready and ",
    ]
    assert_in_order(steps, guarded)
    assert re.search(r"^shop-0\s+keep\s+Wardrop did not create it, and `scope` is `own` *$", cleaned, re.MULTILINE)
    assert re.search(r"^shop-1\s+keep\s+shop-\w+ runs it *$", cleaned, re.MULTILINE)
    assert re.search(r"^shop-2\s+delete\s+no retention rule keeps it", cleaned, re.MULTILINE)
    steps = [
        "alert        clean-up, requested by test, deleted 2 application versions and freed",
        "Slack's #wardrop:",
        "slack        ✅ shop-staging: shop-1 was deployed in ",
        "↳ 👀 shop-staging: shop-1 is live; monitoring until it has stayed healthy",
        "slack        ✅ shop-prod: shop-1 was deployed in ",
        "↳ 👍 shop-prod: shop-1 was approved",
        "slack        ↩️ shop-staging: shop-2 failed; rolled back to shop-1 after ",
        "↳ ↩️ shop-staging: shop-2 failed; rolling back to shop-1",
        "slack        🚫 shop-staging: shop-3 was declined",
    ]
    assert_in_order(steps, cleaned)
    assert re.search(r"The demo took \d+ s\.", cleaned)


def assert_in_order(steps: list[str], text: str) -> None:
    for step in steps:
        before, found, text = text.partition(step)
        assert found, f"{step!r} does not follow {before[-300:]!r}"


def test_in_a_terminal_the_demo_is_one_screen_that_changes(demos: Demos) -> None:
    shown, code = demos.in_terminal.result()
    assert code == 0
    assert shown.count("\x1b[1A") > 100, "nothing is drawn over"
    last = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.rpartition("Wardrop on this machine")[2])
    assert len(re.findall(r"✔ \d\.", last)) == 5
    steps = ["shop-0 keep · shop-1 keep · shop-2 delete", "alert: clean-up, requested by test, deleted 2 application"]
    assert_in_order(steps, last)
    assert_in_order(["shop-staging runs shop-1", "shop-prod runs shop-1"], last)
    assert_in_order(["shop-3 declined", "shop-1 succeeded"], last)
    assert last.count("● shop-1   Ok        Deployed     i-") == 6
    assert_in_order(["Elastic Beanstalk: events", "Environment update completed successfully."], last)
    assert_in_order(["Slack: #wardrop", "shop-3 was declined"], last)
    assert re.search(r"The demo took \d+ s\.", last)
    assert "beanstalk    " not in shown, "the log is for output that is not a terminal"


def test_in_a_terminal_a_rejected_war_exits_5_and_the_screen_says_why(tmp_path: Path) -> None:
    war = tmp_path / "notes-1.war"
    war.write_text("not a WAR at all\n")
    shown, code = in_terminal([*DEMO, str(war)], START_SECONDS)
    assert code == 5
    assert "rejected: notes-1.war is not a readable WAR:" in shown
    assert "shop-staging runs shop-0" in shown


def in_terminal(command: list[str], seconds: float) -> tuple[str, int]:
    """What a command writes to a terminal of 120 columns and 40 lines, and its exit code."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    environment = plain_environment() | {"TERM": "xterm-256color", "COLUMNS": "", "LINES": ""}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=its, stdout=its, stderr=its)
    os.close(its)
    killer = threading.Timer(seconds, process.kill)
    killer.start()
    written = b""
    with contextlib.suppress(OSError):  # the terminal ends with the last process that has it open
        while chunk := os.read(ours, 65536):
            written += chunk
    os.close(ours)
    code = process.wait()
    killer.cancel()
    return written.decode(), code


def test_a_war_of_ones_own_that_is_rejected_exits_5_and_says_why(tmp_path: Path) -> None:
    war = tmp_path / "notes-1.war"
    war.write_text("not a WAR at all\n")
    ended = run([*DEMO, str(war)])
    assert ended.returncode == 5
    assert re.search(r"^rejected     notes-1\.war is not a readable WAR:", ended.stdout, re.MULTILINE)


def test_make_demo_with_a_file_that_is_not_there_says_so_and_fails() -> None:
    ended = run([*MAKE, "demo", "WAR=not-there.war"])
    assert ended.returncode != 0
    assert ended.stdout == ""
    assert ended.stderr.splitlines()[0] == "WAR=not-there.war: No such file or directory"
    assert len([line for line in ended.stderr.splitlines() if not line.startswith("make")]) == 1


def test_a_file_that_is_not_there_exits_2_with_one_line() -> None:
    ended = run([*DEMO, "not-there.war"])
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "WAR=not-there.war: No such file or directory\n"


class Local:
    """`make local` in the foreground, as a shell starts it: in a process group of its own."""

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
        """make's session and all that descends from it, also what has a session of its own (the functions)."""
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
def started() -> Iterator[Local]:
    local = Local()
    try:
        yield local
    finally:
        if local.make.poll() is None:
            os.killpg(local.make.pid, signal.SIGKILL)
        local.make.communicate()


def test_two_clouds_run_side_by_side_as_specified_and_leave_no_process() -> None:
    with started() as one, started() as other:
        assert one.line() == f"ready http://localhost:{one.port}\n"
        assert other.line() == f"ready http://localhost:{other.port}\n"
        for local in (one, other):
            assert_shop_is_as_specified(local)
        bucket = json.loads(one.client("ssm").get_parameter(Name="/wardrop/outputs")["Parameter"]["Value"])[
            "DropBucket"
        ]
        one.client("s3").put_object(Bucket=bucket, Key="shop/shop-staging/bad-1.war", Body=b"bad")
        eventually(lambda: tags(one, bucket, "shop/shop-staging/bad-1.war"), START_SECONDS)
        assert [call for call in one.control("/calls") if call["principal"] == "ReceiveDrop"]
        assert not [call for call in other.control("/calls") if call["principal"] == "ReceiveDrop"]

        processes = one.processes() | other.processes()
        assert any("lambda-rie" in name for name in one.processes().values())
        os.killpg(one.make.pid, signal.SIGINT)  # Ctrl-C in a terminal
        os.kill(other.make.pid, signal.SIGTERM)
        for local in (one, other):
            rest, _ = local.make.communicate(timeout=STOP_SECONDS)
            assert rest == ""
        eventually(lambda: not any(map(is_alive, processes)), STOP_SECONDS)


def tags(local: Local, bucket: str, key: str) -> dict[str, str]:
    answer = local.client("s3").get_object_tagging(Bucket=bucket, Key=key)
    return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}


def assert_shop_is_as_specified(local: Local) -> None:
    api = local.client("elasticbeanstalk")
    assert [one["ApplicationName"] for one in api.describe_applications()["Applications"]] == ["shop"]
    found = {one["EnvironmentName"]: one for one in api.describe_environments()["Environments"]}
    assert sorted(found) == ["shop-prod", "shop-staging"]
    for name, instances in (("shop-staging", 2), ("shop-prod", 4)):
        environment = found[name]
        assert (environment["Status"], environment["HealthStatus"]) == ("Ready", "Ok")
        assert environment["VersionLabel"] == "shop-0"
        assert "Tomcat" in environment["SolutionStackName"]
        reports = api.describe_instances_health(EnvironmentName=name, AttributeNames=["All"])["InstanceHealthList"]
        assert [one["Deployment"]["VersionLabel"] for one in reports] == ["shop-0"] * instances
        [settings] = api.describe_configuration_settings(ApplicationName="shop", EnvironmentName=name)[
            "ConfigurationSettings"
        ]
        options = {(one["Namespace"], one["OptionName"]): one.get("Value") for one in settings["OptionSettings"]}
        command = "aws:elasticbeanstalk:command"
        assert options[command, "DeploymentPolicy"] == "Rolling"
        assert (options[command, "BatchSizeType"], options[command, "BatchSize"]) == ("Fixed", "1")
        assert options["aws:elasticbeanstalk:environment", "EnvironmentType"] == "LoadBalanced"
    with pytest.raises(local.client("ssm").exceptions.ParameterNotFound):
        local.client("ssm").get_parameter(Name="/wardrop/applications/shop")


def eventually(look: Callable[[], Any], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < until, "not in time"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
