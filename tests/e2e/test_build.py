"""`make build` and `make package`: the built layers contain exactly the packages of the lock."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from samtranslator.yaml_helper import yaml_parse

from local.cloud import Cloud
from local.settings import ARCHITECTURE, ROOT

pytestmark = pytest.mark.real

LAYER = ROOT / "layers/dependencies"


def build_dependencies(layer: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    python = subprocess.run(["make", "python313"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    variables = {"ARTIFACTS_DIR": str(folder), "UV": str(ROOT / ".tools/bin/uv"), "PYTHON313": python}
    make = ["make", "build-DependenciesLayer"]
    environment = os.environ | variables
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


def test_make_package_makes_a_template_that_needs_no_checkout(cloud: Cloud) -> None:
    """The code, the readme and the licence are objects in the bucket."""
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="wardrop-releases")
    credentials = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
    environment = os.environ | credentials | {"AWS_ENDPOINT_URL": cloud.endpoint}
    variables = ["BUCKET=wardrop-releases", "SOURCE_URL=https://example.com/wardrop", f"ARCHITECTURE={ARCHITECTURE}"]
    make = ["make", "package", *variables]
    ended = subprocess.run(make, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=180, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    template = yaml_parse((ROOT / "build/wardrop.template.yaml").read_text())
    about = template["Metadata"]["AWS::ServerlessRepo::Application"]
    assert about["SourceCodeUrl"] == "https://example.com/wardrop"
    properties = [resource.get("Properties", {}) for resource in template["Resources"].values()]
    code = [properties[name] for properties in properties for name in ("CodeUri", "ContentUri") if name in properties]
    assert len(code) == len(list((ROOT / "functions").glob("*/app.py"))) + 2
    listed = s3.list_objects_v2(Bucket="wardrop-releases", Prefix=f"wardrop/{about['SemanticVersion']}/")
    keys = {f"s3://wardrop-releases/{entry['Key']}" for entry in listed["Contents"]}
    assert {*code, about["LicenseUrl"], about["ReadmeUrl"]} == keys
