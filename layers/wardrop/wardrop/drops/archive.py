"""Reads untrusted ZIP archives."""

import struct
import zipfile
import zlib
from copy import copy

from wardrop.configuration.bounded_yaml import problem_of
from wardrop.foreign_text import whole_characters

UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OverflowError,
    UnicodeDecodeError,
    ValueError,
)
"""The errors that zipfile raises for content that is not a valid ZIP archive."""


def read_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> bytes:
    """Reads and unpacks an entry. Raises ValueError if it has more than `limit` bytes, even if it declares fewer."""
    if entry.compress_size > limit:
        raise ValueError(_too_large(limit))
    content = read_beginning(archive, entry, limit + 1)
    if len(content) > limit:
        raise ValueError(_too_large(limit))
    return content


def read_beginning(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> bytes:
    """Reads and unpacks at most `limit` bytes, even if the entry declares fewer.

    Only stored and deflated entries are read, because Python's bzip2 and LZMA may unpack a few bytes to any size in one
    step. Deflated content may contain any number of empty blocks. Therefore at most `2 * limit` compressed bytes are
    read.
    """
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise NotImplementedError(f"compressed by method {entry.compress_type}, which Wardrop does not unpack")
    beginning = copy(entry)
    beginning.compress_size = min(entry.compress_size, 2 * limit)
    with archive.open(beginning) as member:
        return member.read(limit)


def short_problem(error: BaseException) -> str:
    """Describes the error in at most 200 characters, without any content of the file."""
    return whole_characters(problem_of(error)[:200]) or type(error).__name__


def _too_large(limit: int) -> str:
    return f"larger than {limit // 1024} KB, so Wardrop did not read it"


def size_of(text: str) -> int:
    """Returns the size of the text in bytes."""
    return len(whole_characters(text).encode())
