"""Info-ZIP's UnZip, called as Beanstalk's platform engine calls it."""

import os
import subprocess
from pathlib import Path

SECONDS = 60


def unzip(content: bytes, folder: Path) -> tuple[int, list[str]]:
    """The exit code of UnZip, and the files that it writes below `folder`."""
    archive, target = folder / "bundle", folder / "unpacked"
    archive.write_bytes(content)
    target.mkdir()
    command = ["unzip", "-q", "-o", "-d", str(target), str(archive)]
    ended = subprocess.run(
        command,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    written = (path for path in target.rglob("*") if path.is_symlink() or not path.is_dir())
    return ended.returncode, sorted(str(path.relative_to(target)) for path in written)
