"""Checks a file before it is uploaded, so that a wrong file is reported at once. The stack checks it again."""

import os
import zipfile
from dataclasses import dataclass
from pathlib import Path

from wardrop_cli.exit_codes import ExitCode
from wardrop_cli.failures import Failure, usage
from wardrop_cli.foreign_text import one_line

ENDINGS = (".war", ".zip", ".jar")
MAX_BYTES = 500 * 1024 * 1024
"""The maximum size of a source bundle (AWS Elastic Beanstalk developer guide, quotas)."""


@dataclass(frozen=True)
class BundleFile:
    path: Path
    size: int
    modified_at: int
    """The time of the last change, in nanoseconds."""

    @property
    def name(self) -> str:
        return self.path.name

    def check_unchanged(self) -> None:
        """Raises Failure if the file was written to since it was checked."""
        try:
            status = self.path.stat()
        except OSError as error:
            raise unreadable(self.path, error) from error
        if (status.st_size, status.st_mtime_ns) != (self.size, self.modified_at):
            text = f"{one_line(str(self.path))} was changed during the upload, so nothing was dropped"
            raise usage(text, "Repeat the command after the build has ended.")


def checked_file(path: Path) -> BundleFile:
    """Raises Failure if the stack would reject the file, or if it cannot be read."""
    shown = one_line(str(path))
    try:
        status = path.stat()
        if path.is_dir():
            raise usage(f"{shown} is a directory", "Name the WAR file.")
        if not path.is_file():
            raise usage(f"{shown} is not a regular file", "Name the WAR file.")
        with path.open("rb"):
            pass
    except FileNotFoundError:
        raise usage(f"there is no file {shown}{_others(path)}", "Check the path.") from None
    except (OSError, ValueError) as error:  # ValueError: the path contains a null character
        raise unreadable(path, error) from error
    if path.suffix.lower() not in ENDINGS:
        raise _rejected(
            f"{shown} does not end in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}", "Name a WAR, ZIP or JAR."
        )
    if status.st_size > MAX_BYTES:
        text = f"{shown} has {status.st_size / 2**20:.0f} MB, but Beanstalk accepts at most {MAX_BYTES // 2**20} MB"
        raise _rejected(text, "Make the file smaller.")
    _check_content(path, shown)
    return BundleFile(path, status.st_size, status.st_mtime_ns)


def _check_content(path: Path, shown: str) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        kind = path.suffix[1:].upper()
        text = f"{shown} is not a {kind} file, because it is not a ZIP archive ({one_line(str(error), 100)})"
        raise _rejected(text, "Check that the build wrote the file completely.") from error
    if path.suffix.lower() == ".war" and not any(name.startswith("WEB-INF/") for name in names):
        raise _rejected(f"{shown} is not a WAR file, because it has no WEB-INF", "Check what the build packs.")


def _others(path: Path) -> str:
    """Names WAR files in the same folder, because the user may have mistyped the version number in the name."""
    if not os.path.isdir(path.parent):
        return ""
    names = sorted(each.name for each in path.parent.iterdir() if each.suffix.lower() == ".war")[:3]
    return f"; the folder contains {', '.join(map(one_line, names))}" if names else ""


def unreadable(path: Path, error: Exception) -> Failure:
    reason = getattr(error, "strerror", None) or error
    return usage(f"{one_line(str(path))} cannot be read: {reason}", "Check the path and the permissions of the file.")


def _rejected(text: str, advice: str) -> Failure:
    return Failure(ExitCode.REJECTED, text, advice)
