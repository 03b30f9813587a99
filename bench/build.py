"""Measures the time of `make build`, the size of an upload after a change of the code, and the size of packages."""

import re
import resource
import shutil
import subprocess
import time
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figure import Figure

COLD_SECONDS, CHANGED_SECONDS = 20, 3
UPLOADED_KB, DEPENDENCIES_MB = 300, 12
CHANGED = Path("layers/wardrop/wardrop/errors.py")
BUILT = Path(".aws-sam/build")
LEFT_OUT = shutil.ignore_patterns(".aws-sam", ".git", ".venv*", ".tools", "build", "__pycache__")


def figures() -> Iterator[Figure]:
    """Builds and changes a copy of the project. uv's cache of packages is used."""
    with TemporaryDirectory() as folder:
        project = Path(folder) / "wardrop"
        shutil.copytree(Path(), project, ignore=LEFT_OUT)
        for name in (".venv", ".tools"):
            (project / name).symlink_to(Path(name).resolve())
        (project / ".venv/.ready").touch()
        yield _build(project, "nothing built before", COLD_SECONDS)
        before = _zips(project)
        with (project / CHANGED).open("a") as module:
            module.write("\nCHANGED = True\n")
        yield _build(project, "after a change of a module", CHANGED_SECONDS)
        changed = {name: size for name, (size, content) in _zips(project).items() if before[name][1] != content}
        note = ", ".join(f"{name} {size / 1000:.0f} KB" for name, size in changed.items())
        yield Figure("  upload after it, zipped", sum(changed.values()) / 1000, UPLOADED_KB, "KB", note=note)
        packages = [path for path in (project / BUILT / "DependenciesLayer").rglob("*") if path.is_file()]
        size = sum(path.stat().st_size for path in packages)
        yield Figure("third-party packages, unzipped", size / 1e6, DEPENDENCIES_MB, "MB")


def _build(project: Path, after: str, limit: float) -> Figure:
    started, processor = time.perf_counter(), _processor_seconds()
    subprocess.run(["make", "build"], cwd=project, stdout=subprocess.DEVNULL, check=True)
    note = f"{_processor_seconds() - processor:.1f} s of processor time"
    return Figure(f"make build, {after}", time.perf_counter() - started, limit, "s", note=note)


def _processor_seconds() -> float:
    """Returns the processor time of all programs that this program has run so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _zips(project: Path) -> dict[str, tuple[int, dict[str, bytes]]]:
    """Returns the zipped size and the files of each function and layer.

    `sam deploy` uploads a zip if its files changed.
    """
    zips = {}
    for folder in (project / BUILT).iterdir():
        if folder.is_dir() and re.fullmatch(r"\w+", folder.name):
            files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
            archive = BytesIO()
            with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
                for name, content in files.items():
                    zipped.writestr(name, content)
            zips[folder.name] = (archive.tell(), files)
    return zips
