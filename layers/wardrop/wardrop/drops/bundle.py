"""Inspects a source bundle without unpacking it: checks whether it can be deployed, and reads its settings."""

import zipfile
from collections.abc import Sequence
from typing import IO

import msgspec

from wardrop.drops.archive import UNREADABLE, short_problem
from wardrop.drops.archive_end import read_end
from wardrop.drops.ebextensions import Ebextensions, read_ebextensions
from wardrop.drops.effort import CHECKED_EVERY, Effort
from wardrop.drops.entry_names import Entry, entries_of, paths_of, resembles_configuration_file, shown
from wardrop.drops.layout import check_layout
from wardrop.drops.manifest import read_version
from wardrop.drops.safety import CountedFile, check_safe
from wardrop.drops.unpacking import check_unpackable
from wardrop.environments.platform import DOCKER_FILES
from wardrop.errors import Rejected

MAX_RESEMBLING = 10
"""The maximum number of files with an unusual spelling that are recorded. The size of a record is limited."""


class BundleContents(msgspec.Struct, frozen=True):
    """The parts of a bundle's content that Wardrop has read."""

    implementation_version: str | None
    ebextensions: Ebextensions = Ebextensions()

    docker_files: list[str] = []
    """The files at the bundle's root that are in DOCKER_FILES."""


def inspect(file: IO[bytes], name: str, size: int, effort: Effort | None = None) -> BundleContents:
    """Reads the bundle's central directory, its manifest and its `.ebextensions`.

    `file` is seekable, and `size` is its length in bytes. Raises Rejected, for example at the limit of `effort`.
    """
    effort = effort or Effort()
    try:
        with zipfile.ZipFile(CountedFile(file, name)) as archive:
            entries = entries_of(effort.each(archive.infolist(), CHECKED_EVERY))
            check_safe(entries, name, size)
            effort.check()
            check_unpackable(entries, read_end(file), name)
            effort.check()
            paths = paths_of(entries)
            check_layout(paths, name)
            # The manifest is read first, because it is at the beginning of the archive. The same download may already
            # contain the other files.
            implementation_version = read_version(archive, entries)
            ebextensions = read_ebextensions(archive, entries, effort).with_unread(_resembling(entries))
            return BundleContents(implementation_version, ebextensions, sorted(paths & DOCKER_FILES))
    except UNREADABLE as error:
        kind = name[-3:].upper()
        raise Rejected(f"{name} is not a readable {kind}: {short_problem(error)}; was the upload complete?") from error


def _resembling(entries: Sequence[Entry]) -> list[str]:
    paths = [shown(entry.path) for entry in entries if not entry.is_folder and resembles_configuration_file(entry.path)]
    why = "AWS does not document whether Beanstalk reads a file with this spelling"
    return [f"{path}: {why}" for path in paths[:MAX_RESEMBLING]]
