"""The commands in the `console` blocks of the documents print the output that the blocks show."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from local.beanstalk.seed import sound_war
from local.cloud import Cloud
from local.settings import REGION
from tests.documents import Block, every_block
from tests.integration.shop import APPLICATION, UNBAKED, Shop

pytestmark = pytest.mark.real

SESSIONS = [block for block in every_block() if block.language == "console"]
SECONDS = 90
VARIABLE = re.compile(r"\b\d{8}T\d{6}Z-[0-9a-f]+|\bi-[0-9a-f]+|\d+|(?<=\s)\s+|[-─━]{3,}")
"""The parts of an output that differ from run to run: ids, numbers, and the width of columns."""


@pytest.fixture(scope="module")
def folder(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Contains the file that the sessions drop. The shop is configured so that versions do not bake."""
    Shop(cloud).configure(APPLICATION, UNBAKED)
    folder = tmp_path_factory.mktemp("sessions")
    (folder / "shop-42.war").write_bytes(sound_war("shop-42"))
    return folder


@pytest.mark.parametrize("session", SESSIONS, ids=str)
def test_a_session_shows_what_the_command_prints(session: Block, cloud: Cloud, folder: Path):
    for command, expected in parts(session):
        ended = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env={
                "PATH": f"{Path(sys.prefix) / 'bin'}:{os.environ['PATH']}",
                "HOME": str(folder),
                "COLUMNS": "110",
                "AWS_ENDPOINT_URL": cloud.endpoint,
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_REGION": REGION,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert normal(ended.stdout) == normal(expected), f"{session}: {command} ended with {ended.returncode}"


def parts(session: Block) -> list[tuple[str, str]]:
    """The commands of a session, each with the output that follows it."""
    typed = re.split(r"^\$ ", session.text, flags=re.MULTILINE)[1:]
    return [(command, output) for command, _, output in (each.partition("\n") for each in typed)]


def normal(output: str) -> list[str]:
    return [VARIABLE.sub("#", line).strip() for line in output.splitlines() if line.strip()]
