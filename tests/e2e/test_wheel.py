"""The wheel of the command, installed in an empty environment. Nothing of the repository is on the path."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.beanstalk.seed import sound_war
from local.cloud import Cloud
from local.settings import ROOT

pytestmark = pytest.mark.real

OURS = ("aws_lambda_powertools", "boto3", "local", "msgspec", "slack_sdk", "wardrop")
UV = str(ROOT / ".tools/bin/uv")


@pytest.fixture(scope="module")
def wardrop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installed script."""
    folder = tmp_path_factory.mktemp("wheel")
    _run([UV, "build", "--quiet", "--wheel", "--package", "wardrop", "--out-dir", str(folder)], ROOT)
    [wheel] = folder.glob("wardrop-*.whl")
    _run([UV, "venv", "--quiet", str(folder / "empty")], folder)
    _run([UV, "pip", "install", "--quiet", "--python", str(folder / "empty/bin/python"), str(wheel)], folder)
    return folder / "empty/bin/wardrop"


@pytest.fixture(scope="module")
def variables() -> Iterator[dict[str, str]]:
    with Cloud(speed=400) as cloud:
        yield {
            "AWS_ENDPOINT_URL": cloud.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
        }


def _run(command: list[str], folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs a command without the environment variables of the tests, such as PYTHONPATH."""
    kept = {
        name: os.environ[name] for name in ("HOME", "PATH", "UV_SYSTEM_CERTS", "SSL_CERT_FILE") if name in os.environ
    }
    ended = subprocess.run(
        command, cwd=folder, env=kept | variables, capture_output=True, text=True, timeout=300, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended


def test_it_contains_nothing_of_the_stack(wardrop: Path, tmp_path: Path) -> None:
    find = "import importlib.util, sys; print([name for name in sys.argv[1:] if importlib.util.find_spec(name)])"
    python = str(wardrop.with_name("python"))
    assert _run([python, "-c", find, *OURS], tmp_path).stdout == "[]\n"


def test_every_verb_has_a_help_and_a_schema(wardrop: Path, tmp_path: Path) -> None:
    output = _run([str(wardrop), "--help"], tmp_path).stdout
    verbs = [
        line.split()[0]
        for line in output.partition("Commands:\n")[2].splitlines()
        if line.startswith("  ") and line[2] != " "
    ]
    assert {"drop", "status", "doctor", "config"} <= set(verbs)
    for verb in verbs:
        assert _run([str(wardrop), verb, "--help"], tmp_path).stdout.startswith(f"Usage: wardrop {verb}")
        if verb != "schema":
            json.loads(_run([str(wardrop), "schema", verb], tmp_path).stdout)


def test_it_drops_a_file_and_shows_the_status(wardrop: Path, variables: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "wheel-1.war").write_bytes(sound_war("wheel"))
    dropped = _run([str(wardrop), "drop", "wheel-1.war", "--env", "shop-staging"], tmp_path, **variables)
    assert dropped.stdout.startswith("Uploaded to s3://")
    status = json.loads(_run([str(wardrop), "status", "--json"], tmp_path, **variables).stdout)
    assert [each["environment"] for each in status["environments"]] == ["shop-prod", "shop-staging"]
