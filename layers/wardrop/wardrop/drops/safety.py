"""Checks that a bundle is safe to unpack."""

import re
import zipfile
from collections.abc import Sequence

from wardrop.errors import Rejected

MAX_ENTRIES = 100_000
MAX_DECLARED_BYTES = 10 * 2**30
SUSPICIOUS_BYTES = 2**30
SUSPICIOUS_RATIO = 100


def check_safe(entries: Sequence[zipfile.ZipInfo], name: str, size: int) -> None:
    """`size` is the archive's own, in bytes. Raises Rejected."""
    if len(entries) > MAX_ENTRIES:
        raise Rejected(f"{name} has {len(entries)} entries, and Wardrop accepts at most {MAX_ENTRIES}")
    for entry in entries:
        _check_entry(entry, name)
    _check_declared(sum(entry.file_size for entry in entries), name, size)


def _check_declared(declared: int, name: str, size: int) -> None:
    """`declared` is how many bytes the archive would unpack to by its directory."""
    gigabytes = f"{declared / 2**30:.1f} GB"
    if declared > MAX_DECLARED_BYTES:
        raise Rejected(f"{name} would unpack to {gigabytes}, and Wardrop accepts at most 10 GB")
    if declared > SUSPICIOUS_BYTES and declared > SUSPICIOUS_RATIO * size:
        raise Rejected(
            f"{name} would unpack from {size / 2**20:.1f} MB to {gigabytes}; "
            f"Wardrop accepts at most {SUSPICIOUS_RATIO} times the size"
        )


def _check_entry(entry: zipfile.ZipInfo, name: str) -> None:
    path = entry.orig_filename.replace("\\", "/")
    if path.startswith("/") or re.match(r"[A-Za-z]:", path) or ".." in path.split("/"):
        raise Rejected(f"{name} has an entry with a path outside the archive: {path[:100]}")
    if entry.header_offset < 0:
        raise zipfile.BadZipFile("an entry lies before the beginning of the file")
    if entry.flag_bits & 0x1:
        raise Rejected(f"{name} has an encrypted entry, which Beanstalk cannot unpack: {path[:100]}")
