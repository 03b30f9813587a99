"""Checks that `unzip` can unpack a bundle on an instance without an error.

Beanstalk unpacks a WAR or a ZIP with Info-ZIP's UnZip 6.0, and fails the deployment at any exit code except 0. A JAR is
not unpacked. `unzip` also fails if the local header of an entry differs from the directory. Wardrop does not detect
this case, because the headers are spread over the whole file.
"""

import re
import zipfile
from collections.abc import Sequence
from itertools import pairwise

from wardrop.drops.archive_end import ArchiveEnd
from wardrop.drops.entry_names import (
    CONFIGURATION_FOLDER,
    Entry,
    is_configuration_file,
    is_nested_configuration_file,
    stored_path,
)
from wardrop.errors import Rejected

MAX_NAME_BYTES = 255
"""The longest name of a file or folder in Linux's file systems."""

MOST_BYTES_OF_A_CHARACTER = 4

MAX_PATH_BYTES = 4000
"""The longest path. `unzip` truncates paths of more than 4,096 bytes, including the target folder."""

_SEPARATOR = re.compile(r"(?<![\x80-\x9f\xa1-\uffff])\\")
"""A backslash that does not follow a byte from 0x80 to 0xFE. Python reads byte 0xFF as \\xa0."""

_METHODS = {0, 1, 2, 3, 4, 5, 6, 8, 9, 12}
"""The compression methods of UnZip 6.0: stored, shrunk, reduced, imploded, deflated, deflate64 and bzip2."""

MAX_VERSION = 46
"""The newest version of the ZIP format that UnZip 6.0 supports, multiplied by 10.

UnZip skips newer entries and exits with 81.
"""

_OTHERS = {14: "LZMA", 93: "Zstandard", 95: "XZ", 98: "PPMd"}


def check_unpackable(entries: Sequence[Entry], end: ArchiveEnd, name: str) -> None:
    """Raises Rejected if `unzip` would fail. A JAR is not unpacked, so it is not checked."""
    if name.lower().endswith(".jar"):
        return
    if end.leading_bytes > 0:
        raise Rejected(
            f"{name} has {end.leading_bytes} bytes before its first entry, such as a launch script, so unzip fails on "
            "the instance; build it without the script (Spring Boot: not executable), and drop it again"
        )
    if end.is_split:
        raise Rejected(f"{name} is the last part of a split archive; make one archive with jar or zip")
    if not end.counts(len(entries)):
        raise zipfile.BadZipFile(f"it states {end.entries} entries, but has {len(entries)}")
    for entry in entries:
        _check_name(entry, name)
        _check_method(entry, name)
        _check_configuration_file(entry, name)
    _check_collisions(entries, name)
    _check_duplicates(entries, name)


def _check_name(entry: Entry, name: str) -> None:
    if _has_backslash(entry):
        raise Rejected(
            f"{name} has an entry whose path contains backslashes: {entry.name}; make the archive again with jar or zip"
        )
    if (not entry.path and not entry.is_folder) or not entry.info.orig_filename:
        raise Rejected(f"{name} has an entry without a name; make the archive again with jar or zip")
    if len(entry.path) <= MAX_NAME_BYTES / MOST_BYTES_OF_A_CHARACTER:
        return
    path = entry.path.encode("utf-8", "surrogatepass")
    if len(path) > MAX_PATH_BYTES or any(len(part) > MAX_NAME_BYTES for part in path.split(b"/")):
        raise Rejected(f"{name} has an entry whose name is too long for Linux: {entry.name}; shorten the name")


def _has_backslash(entry: Entry) -> bool:
    """Whether the name contains a backslash as a separator.

    In Shift-JIS, Big5 and GBK, the second byte of a character may be equal to a backslash without being a separator. If
    a Windows tool wrote such a name without a slash, `unzip` also converts this byte to a slash, and exits with 1.
    """
    name, stored = entry.unpacked_name, entry.info.orig_filename
    if "\\" not in name:
        return "\\" in stored and _SEPARATOR.search(stored) is not None
    is_converted = entry.info.create_system == 0 and "/" not in name
    return is_converted or entry.is_in_unicode or _SEPARATOR.search(name) is not None


def _check_method(entry: Entry, name: str) -> None:
    method = entry.info.compress_type
    if method not in _METHODS:
        raise Rejected(
            f"{name} is compressed by {_OTHERS.get(method, f'method {method}')}, which unzip cannot unpack on the "
            f"instance; use jar or zip to make the archive again: {entry.name}"
        )
    if entry.info.extract_version > MAX_VERSION:
        raise Rejected(
            f"{name} needs version {entry.info.extract_version / 10} of the ZIP format, which unzip on the instance "
            f"does not support; use jar or zip to make the archive again: {entry.name}"
        )


def _check_configuration_file(entry: Entry, name: str) -> None:
    """Refuses files that macOS adds to an archive, and files with two names, because Beanstalk may read either name."""
    if CONFIGURATION_FOLDER not in entry.path and entry.unpacked_name == entry.info.orig_filename:
        return
    folders, _, file = entry.path.rpartition("/")
    is_read = is_configuration_file(entry.path) or is_nested_configuration_file(entry.path)
    if is_read and (file.startswith("._") or folders.startswith("__MACOSX/")):
        raise Rejected(
            f"{name} has {entry.name}, which macOS added; Beanstalk reads it as a configuration file and fails. "
            f'Remove it (zip -d {name} "__MACOSX/*" "*/._*"), and drop the file again'
        )
    stored = stored_path(entry)
    if stored != entry.path and CONFIGURATION_FOLDER in (*stored.split("/"), *entry.path.split("/")):
        raise Rejected(
            f"{name} has two names for one file of {CONFIGURATION_FOLDER}: {entry.name}; make the archive again"
        )
    if entry.path == CONFIGURATION_FOLDER and not entry.is_folder:
        raise Rejected(
            f"{name} has a file or a link {CONFIGURATION_FOLDER}, but {CONFIGURATION_FOLDER} must be a folder; "
            "make the archive again"
        )


def _check_collisions(entries: Sequence[Entry], name: str) -> None:
    """Refuses a file and a folder with the same path, because `unzip` cannot write both.

    For the comparison, a zero byte replaces each slash. A zero byte sorts before all other characters, so the content
    of a folder directly follows the folder.
    """
    in_order = sorted(entries, key=lambda entry: entry.path.replace("/", "\0"))
    for entry, following in pairwise(in_order):
        is_below = following.path.startswith(f"{entry.path}/") and not entry.is_folder
        if is_below or (entry.path == following.path and entry.is_folder != following.is_folder):
            file = following if entry.is_folder else entry
            raise Rejected(f"{name} has both a file and a folder {file.name}; rename one of them")


def _check_duplicates(entries: Sequence[Entry], name: str) -> None:
    """Refuses two configuration files with the same path. AWS does not document which of them would be in force."""
    contents: dict[str, tuple[int, int]] = {}
    for entry in entries:
        if CONFIGURATION_FOLDER in entry.path and not entry.is_folder:
            content = entry.info.CRC, entry.info.file_size
            if contents.setdefault(entry.path, content) != content:
                raise Rejected(f"{name} has {entry.name} twice, with different content; keep only one of the two files")
