"""What is recorded of `unzip` is what Info-ZIP's UnZip does, and Wardrop accepts what it unpacks."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.bundles.bundle import Bundle
from tests.bundles.every import every_bundle

pytestmark = pytest.mark.real


def unzip(bundle: Bundle, folder: Path) -> tuple[int, list[str]]:
    """Its exit code, and the files that it writes. Called as Beanstalk's platform engine calls it."""
    archive, target = folder / "bundle", folder / "unpacked"
    archive.write_bytes(bundle.content)
    target.mkdir()
    command = ["unzip", "-q", "-o", "-d", str(target), str(archive)]
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    ended = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False
    )
    written = (path for path in target.rglob("*") if path.is_symlink() or not path.is_dir())
    return ended.returncode, sorted(str(path.relative_to(target)) for path in written)


@pytest.mark.parametrize("bundle", every_bundle(), ids=lambda bundle: bundle.file)
def test_unzip_does_what_is_recorded(bundle: Bundle, tmp_path: Path) -> None:
    assert unzip(bundle, tmp_path) == (bundle.exit_code, sorted(bundle.unpacked))
