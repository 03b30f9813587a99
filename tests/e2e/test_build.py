"""What `make build` builds: the packages of the lock, and nothing else."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from local.settings import ROOT

pytestmark = pytest.mark.real

LAYER = ROOT / "layers/dependencies"


def build_dependencies(layer: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    python = subprocess.run(["make", "python313"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    given = {"ARTIFACTS_DIR": str(folder), "UV": str(ROOT / ".tools/bin/uv"), "PYTHON313": python}
    make = ["make", "build-DependenciesLayer"]
    environment = os.environ | given
    return subprocess.run(make, cwd=layer, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_a_package_with_another_hash_fails_the_build(tmp_path: Path) -> None:
    layer = tmp_path / "layer"
    shutil.copytree(LAYER, layer)
    requirements = layer / "requirements.txt"
    before, urllib3 = re.split(r"(?=^urllib3==)", requirements.read_text(), flags=re.MULTILINE)
    requirements.write_text(before + re.sub(r"sha256:[0-9a-f]{64}", f"sha256:{'0' * 64}", urllib3))
    ended = build_dependencies(layer, tmp_path / "built")
    assert ended.returncode != 0
    assert "urllib3" in ended.stderr
    assert "hash" in ended.stderr.lower()


def test_a_package_without_a_hash_fails_the_build(tmp_path: Path) -> None:
    layer = tmp_path / "layer"
    shutil.copytree(LAYER, layer)
    with (layer / "requirements.txt").open("a") as requirements:
        requirements.write("iniconfig==2.1.0\n")
    ended = build_dependencies(layer, tmp_path / "built")
    assert ended.returncode != 0
    assert "iniconfig" in ended.stderr


def test_two_builds_of_the_packages_have_the_same_files(tmp_path: Path) -> None:
    """`sam deploy` uploads a layer only if its content changes."""
    contents = []
    for name in ("first", "second"):
        ended = build_dependencies(LAYER, tmp_path / name)
        assert (ended.returncode, ended.stderr) == (0, "")
        files = sorted(path for path in (tmp_path / name).rglob("*") if path.is_file())
        contents.append({str(path.relative_to(tmp_path / name)): path.read_bytes() for path in files})
    first, second = contents
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []
