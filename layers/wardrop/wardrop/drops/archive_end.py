"""The end-of-central-directory record of a ZIP archive, which contains the position of the central directory."""

import io
import struct
import zipfile
from dataclasses import dataclass
from typing import IO

_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")
_MOST_BYTES = _END.size + 0xFFFF
"""The maximum size of the record, including its comment of at most 65,535 bytes."""


@dataclass(frozen=True)
class ArchiveEnd:
    entries: int
    """The number of entries that the record states. Without ZIP64, it states only the lowest 16 bits of the number."""

    is_zip64: bool
    leading_bytes: int
    """The number of bytes before the archive. The offsets in the central directory do not include them."""

    is_split: bool = False
    """Whether the archive claims to be the last part of an archive in several parts."""

    def counts(self, entries: int) -> bool:
        return self.entries == (entries if self.is_zip64 else entries & 0xFFFF)


def read_end(file: IO[bytes]) -> ArchiveEnd:
    """Raises zipfile.BadZipFile."""
    start = max(0, file.seek(0, io.SEEK_END) - _MOST_BYTES - _LOCATOR_64.size - _END_64.size)
    file.seek(start)
    tail = file.read(_MOST_BYTES + _LOCATOR_64.size + _END_64.size)
    at = tail.rfind(b"PK\x05\x06", 0, max(0, len(tail) - _END.size + 4))
    if at < 0:
        raise zipfile.BadZipFile("the end of the archive is missing")
    _, disk, _, _, entries, size, offset, _ = _END.unpack_from(tail, at)
    at_64 = at - _LOCATOR_64.size - _END_64.size
    if at_64 < 0 or tail[at - _LOCATOR_64.size :][:4] != b"PK\x06\x07" or tail[at_64:][:4] != b"PK\x06\x06":
        leading = start + at - size - offset
        return ArchiveEnd(entries, is_zip64=False, leading_bytes=leading, is_split=disk != 0)
    *_, entries, size, offset = _END_64.unpack_from(tail, at_64)
    return ArchiveEnd(entries, is_zip64=True, leading_bytes=start + at_64 - size - offset)
