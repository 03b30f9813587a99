"""Runs the blocks of README.md in a new clone: the demo, the stand-in, a drop, the status and a rollback."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.settings import ROOT, free_port
from tests.documents import every_block

pytestmark = pytest.mark.real

DEMO, LOCAL, COMMANDS = [
    block.text for block in every_block() if (block.document, block.heading) == ("README.md", "Try it")
]
PORT_OF_README = "4566"
DEMO_SECONDS, COMMANDS_SECONDS, ROLLBACK_SECONDS, STOP_SECONDS = 300, 120, 60, 20


def environment(port: int) -> dict[str, str]:
    """The variables of a new terminal. `make local` gets a free port, because another stand-in may run."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYENV_ROOT") if name in os.environ}
    return kept | {"PORT": str(port), "LANG": "C.UTF-8"}


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("newcomer") / "wardrop"
    subprocess.run(["git", "clone", "--quiet", "--depth", "1", f"file://{ROOT}", folder], check=True)
    return folder


def bash(script: str, folder: Path, port: int, seconds: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=folder,
        env=environment(port),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


@pytest.fixture(scope="module")
def demo(clone: Path, port: int) -> subprocess.CompletedProcess[str]:
    return bash(DEMO, clone, port, DEMO_SECONDS)


@pytest.fixture(scope="module")
def stand_in(demo: subprocess.CompletedProcess[str], clone: Path, port: int) -> Iterator[str]:  # noqa: ARG001 - it comes first
    """The first line that `make local` prints."""
    command = ["bash", "-c", LOCAL]
    running = subprocess.Popen(
        command, cwd=clone, env=environment(port), stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert running.stdout
    yield running.stdout.readline()
    os.killpg(running.pid, signal.SIGINT)
    running.wait(STOP_SECONDS)


def test_the_demo_works_in_a_new_clone(demo: subprocess.CompletedProcess[str]):
    assert demo.returncode == 0, demo.stdout[-2000:] + demo.stderr[-2000:]


def test_the_stand_in_prints_the_line_in_the_readme(stand_in: str, port: int):
    assert stand_in == f"ready http://localhost:{port}\n"
    assert f"`ready http://localhost:{PORT_OF_README}`" in (ROOT / "README.md").read_text()


def test_the_commands_drop_a_file_show_the_status_and_roll_back(stand_in: str, clone: Path, port: int):  # noqa: ARG001
    ended = bash(COMMANDS.replace(PORT_OF_README, str(port)), clone, port, COMMANDS_SECONDS)
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-2000:]
    assert "shop-1" in ended.stdout
    deadline = time.monotonic() + ROLLBACK_SECONDS
    while running_versions(clone, port) != {"shop-0"}:
        assert time.monotonic() < deadline, "the rollback has not ended"
        time.sleep(1)


def running_versions(clone: Path, port: int) -> set[str]:
    variables, *_ = COMMANDS.replace(PORT_OF_README, str(port)).partition("wardrop ")
    asked = bash(f"{variables}\nwardrop status shop-staging --json", clone, port, COMMANDS_SECONDS)
    [status] = json.loads(asked.stdout)["environments"]
    return {status["version_label"]} if not status["deployments"] else set()
