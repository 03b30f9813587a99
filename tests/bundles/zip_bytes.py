"""Writes ZIP archives byte by byte, so that every field can have any value. `zipfile` would correct many values."""

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

UNIX, FAT, NTFS = 3, 0, 10
FILE, FOLDER, LINK = 0o100644, 0o40755, 0o120777
UTF_8 = 0x800


@dataclass(frozen=True, kw_only=True)
class Written:
    """An entry. The local header has the name and the extra field of the central directory, unless others are given."""

    name: bytes
    data: bytes = b"x"
    system: int = UNIX
    mode: int = FILE
    extra: bytes = b""
    flags: int = 0
    method: int = 0
    stored: bytes | None = None
    """The bytes in the archive. None: `data` is not compressed."""

    local_name: bytes | None = None
    comment: bytes = b""
    describes_later: bool = False
    """Whether size and CRC follow the content. Tools that write to a pipe do this."""

    zip64: bool = False


def entry(name: str | bytes, data: bytes = b"x", **differs: Any) -> Written:
    """An entry with this name. If the name is a text that is not ASCII, the entry is marked as UTF-8."""
    raw = name.encode() if isinstance(name, str) else name
    flags = 0 if isinstance(name, bytes) or raw.isascii() else UTF_8
    plain: dict[str, Any] = {"name": raw, "data": data, "flags": flags}
    return Written(**(plain | differs))


def zipped(
    entries: Iterable[Written],
    *,
    before: bytes = b"",
    after: bytes = b"",
    comment: bytes = b"",
    counts_before: bool = False,
    states: int | None = None,
    zip64: bool = False,
) -> bytes:
    """`before` and `after` are bytes around the archive. If `counts_before`, the offsets count the bytes before it.

    `states` is a wrong number of entries that the archive states.
    """
    out, directory, number = bytearray(before), bytearray(), 0
    base = 0 if counts_before else len(before)
    for written in entries:
        directory += _central(written, len(out) - base)
        out += _local(written)
        number += 1
    start, size = len(out) - base, len(directory)
    number = number if states is None else states
    out += directory
    if zip64:
        at = len(out) - base
        out += struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, number, number, size, start)
        out += struct.pack("<4sLQL", b"PK\x06\x07", 0, at, 1)
        number, size, start = 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF
    out += struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, number, number, size, start, len(comment))
    return bytes(out + comment + after)


def unicode_path(name: bytes, path: str, *, crc: int | None = None) -> bytes:
    """The extra field with a Unicode path for the entry `name`. `crc` is that of the name, unless another is given."""
    content = struct.pack("<BL", 1, zlib.crc32(name) if crc is None else crc) + path.encode()
    return struct.pack("<HH", 0x7075, len(content)) + content


def _local(written: Written) -> bytes:
    content = written.data if written.stored is None else written.stored
    crc, sizes = zlib.crc32(written.data), (len(content), len(written.data))
    name = written.name if written.local_name is None else written.local_name
    flags, extra, after = written.flags, written.extra, b""
    header_crc, header_sizes = crc, sizes
    if written.zip64:
        extra = struct.pack("<2H2Q", 1, 16, sizes[1], sizes[0]) + extra
        header_sizes = (0xFFFFFFFF, 0xFFFFFFFF)
    elif written.describes_later:
        flags, header_crc, header_sizes = flags | 0x8, 0, (0, 0)
        after = struct.pack("<4s3L", b"PK\x07\x08", crc, *sizes)
    header = struct.pack(
        "<4s5H3L2H", b"PK\x03\x04", 45, flags, written.method, 0, 0x21, header_crc, *header_sizes, len(name), len(extra)
    )
    return header + name + extra + content + after


def _central(written: Written, offset: int) -> bytes:
    content = written.data if written.stored is None else written.stored
    sizes, extra = (len(content), len(written.data)), written.extra
    flags = written.flags | (0x8 if written.describes_later and not written.zip64 else 0)
    if written.zip64:
        extra = struct.pack("<2H3Q", 1, 24, sizes[1], sizes[0], offset) + extra
        sizes, offset = (0xFFFFFFFF, 0xFFFFFFFF), 0xFFFFFFFF
    lengths = len(written.name), len(extra), len(written.comment)
    attributes = written.mode << 16 if written.system == UNIX else 0
    header = struct.pack(
        "<4s2B5H3L5H2L",
        b"PK\x01\x02",
        45,
        written.system,
        45,
        flags,
        written.method,
        0,
        0x21,
        zlib.crc32(written.data),
        *sizes,
        *lengths,
        0,
        0,
        attributes,
        offset,
    )
    return header + written.name + extra + written.comment
