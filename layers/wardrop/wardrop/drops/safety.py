"""Checks that a bundle can be unpacked without harm: its paths stay inside the archive, and its size is limited."""

import re
import zipfile
from collections.abc import Sequence
from typing import IO

from wardrop.drops.entry_names import Entry
from wardrop.errors import Rejected

MAX_ENTRIES = 100_000
ENTRY_BEGINS = b"PK\x01\x02"
"""The signature with which each entry of the central directory begins."""

MAX_DECLARED_BYTES = 10 * 2**30
SUSPICIOUS_BYTES = 2**30
SUSPICIOUS_RATIO = 100


class CountedFile:
    """A file that zipfile reads. Raises Rejected if the central directory has more than MAX_ENTRIES entries.

    The check is in this class because zipfile ignores the number of entries that the archive states, and reads the
    whole directory with one call.
    """

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file = file
        self._name = name
        self.seek = file.seek
        self.tell = file.tell

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(size)
        if content.count(ENTRY_BEGINS) > MAX_ENTRIES:
            raise Rejected(f"{self._name} has more than {MAX_ENTRIES} entries; make an archive with fewer files")
        return content

    def seekable(self) -> bool:
        return True


def check_safe(entries: Sequence[Entry], name: str, size: int) -> None:
    """`size` is the size of the archive in bytes. Raises Rejected."""
    for entry in entries:
        _check_entry(entry, name)
    _check_declared(sum(entry.info.file_size for entry in entries), name, size)


def _check_declared(declared: int, name: str, size: int) -> None:
    """`declared` is the size of the unpacked files in bytes, according to the archive's central directory."""
    gigabytes = f"{declared / 2**30:.1f} GB"
    if declared > MAX_DECLARED_BYTES:
        raise Rejected(f"{name} would unpack to {gigabytes}, but Wardrop accepts at most 10 GB")
    if declared > SUSPICIOUS_BYTES and declared > SUSPICIOUS_RATIO * size:
        raise Rejected(
            f"{name} would unpack from {size / 2**20:.1f} MB to {gigabytes}; "
            f"above 1 GB, Wardrop accepts at most {SUSPICIOUS_RATIO} times the size of the archive"
        )


def _check_entry(entry: Entry, name: str) -> None:
    info = entry.info
    written = info.orig_filename.replace("\\", "/")
    if written.startswith("/") or re.match(r"[A-Za-z]:", written) or _has_parent(written) or _has_parent(entry.path):
        raise Rejected(f"{name} has an entry with a path outside the archive: {entry.name}")
    if "\0" in written:
        raise Rejected(f"{name} has an entry with a zero byte in its name: {entry.name}; make the archive again")
    if info.header_offset < 0:
        raise zipfile.BadZipFile("an entry lies before the beginning of the file")
    if info.flag_bits & 0x1:
        raise Rejected(f"{name} has an encrypted entry, which Beanstalk cannot unpack: {entry.name}")


def _has_parent(path: str) -> bool:
    return ".." in path and ".." in path.replace("\\", "/").split("/")
