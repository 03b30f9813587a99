"""A remote file. Only the parts that are read are downloaded."""

import io
from collections.abc import Callable

READ_AHEAD_BYTES = 64 * 1024
MOST_BYTES_AT_ONCE = 12 * 2**20
"""The maximum number of bytes in one read.

The central directory of a ZIP file with 100,000 entries is smaller. The number is limited because zipfile needs ten
times the size of the central directory in memory to parse it.
"""


class RangedFile(io.RawIOBase):
    """A seekable file that calls `fetch(start, end)` to download the bytes that are read.

    The byte at `end` is not included.
    """

    def __init__(self, size: int, tail: bytes, fetch: Callable[[int, int], bytes]) -> None:
        self._size = size
        self._parts: list[tuple[int, bytes]] = [(size - len(tail), tail)]
        self._fetch = fetch
        self._at = 0

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            # zipfile expects the errors that a real file raises, for example if the file is too short to be a ZIP file.
            raise (OSError if whence == io.SEEK_END else ValueError)("before the beginning of the file")
        self._at = start + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1) -> bytes:
        count = max(0, self._size - self._at if size < 0 else min(size, self._size - self._at))
        if count > MOST_BYTES_AT_ONCE:
            raise ValueError(f"its central directory is larger than {MOST_BYTES_AT_ONCE // 2**20} MB")
        first = self._part(self._at, count) if count else b""
        self._at += len(first)
        if len(first) == count:
            return first  # avoids a copy of a directory of several MB
        read = bytearray(first)
        while len(read) < count:
            part = self._part(self._at, count - len(read))
            read += part
            self._at += len(part)
        return bytes(read)

    def _part(self, at: int, count: int) -> bytes:
        for start, content in self._parts:
            if start <= at < start + len(content):
                return content[at - start : at - start + count]
        later = [start for start, _ in self._parts if start > at]
        end = min([*later, at + max(count, READ_AHEAD_BYTES)])
        content = self._fetch(at, end)
        if len(content) != end - at:
            raise EOFError(f"{end - at} bytes were requested from offset {at}, but {len(content)} were received")
        self._parts.append((at, content))
        return content[:count]
