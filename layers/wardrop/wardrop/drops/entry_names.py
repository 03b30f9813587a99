"""The entries of a bundle, with the paths to which `unzip` unpacks them on an instance. All checks use these paths.

The rules are those of the function `mapname` in Info-ZIP's UnZip 6.0 on Linux.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

CONFIGURATION_FOLDER = ".ebextensions"

_UNICODE_PATH = 0x7075
"""The extra field with a second name of the entry (PKWARE's APPNOTE, 4.6.9)."""

_UTF_8 = 0x800
_DROPPED = re.compile("[\x00-\x1f\x7f]")
_IS_CHANGED = re.compile("[\x00-\x1f\x7f;]|//|^[/.]|/\\./|/\\.$")
"""Matches names that `unzip` may change. Most names do not match and need no further check."""

_FILE_VERSION = re.compile(r";[0-9]*$")
"""OpenVMS appends the version of a file to its name."""


@dataclass(frozen=True)
class Entry:
    info: zipfile.ZipInfo
    unpacked_name: str
    """The name that `unzip` uses: the name in the extra field, or else the stored name."""

    path: str
    """The path without a final slash. It is empty for the root folder, and for a name without usable characters."""

    is_folder: bool

    @property
    def is_in_unicode(self) -> bool:
        return self.unpacked_name != self.info.orig_filename or bool(self.info.flag_bits & _UTF_8)

    @property
    def name(self) -> str:
        """The name in the archive's central directory, with printable characters only."""
        return shown(self.info.orig_filename)


def entries_of(infos: Iterable[zipfile.ZipInfo]) -> list[Entry]:
    return [_entry(info) for info in infos]


def _entry(info: zipfile.ZipInfo) -> Entry:
    name = _unicode_name(info) or info.orig_filename
    return Entry(info, name, *_path(info, name))


def paths_of(entries: Iterable[Entry]) -> set[str]:
    """Returns the paths of all entries. The path of a folder ends in a slash."""
    return {entry.path + "/" * entry.is_folder for entry in entries if entry.path}


def is_configuration_file(path: str) -> bool:
    """Whether the file is directly in the root's folder `.ebextensions`. Beanstalk does not read its subfolders."""
    folder, _, file = path.rpartition("/")
    return folder == CONFIGURATION_FOLDER and _ends_as_configuration(file)


def is_nested_configuration_file(path: str) -> bool:
    """Whether the file is in a folder `.ebextensions` that is not at the bundle's root.

    Beanstalk processes all these folders (AWS developer guide, "Advanced environment customization with configuration
    files", requirements).
    """
    folder, _, file = path.rpartition("/")
    return folder.endswith(f"/{CONFIGURATION_FOLDER}") and _ends_as_configuration(file)


def resembles_configuration_file(path: str) -> bool:
    """Whether the path differs from that of a configuration file only in upper and lower case, such as `a.CONFIG`."""
    if is_configuration_file(path) or is_nested_configuration_file(path):
        return False
    folded = path.casefold()
    return is_configuration_file(folded) or is_nested_configuration_file(folded)


def _ends_as_configuration(file: str) -> bool:
    return file.endswith(".config") and file != ".config"


def _unicode_name(info: zipfile.ZipInfo) -> str | None:
    """Returns the name in the extra field, which `unzip` prefers.

    Returns None if the field is missing, or if it belongs to another name.
    """
    if not info.extra or info.flag_bits & _UTF_8:
        return None
    for kind, content in _fields(info.extra):
        if kind == _UNICODE_PATH and len(content) > 5:
            name_crc = zlib.crc32(info.orig_filename.encode("cp437", "replace"))
            if struct.unpack_from("<BL", content) == (1, name_crc):
                return content[5:].decode("utf-8", "replace")
    return None


def _fields(extra: bytes) -> Iterable[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        yield kind, extra[at + 4 : at + 4 + size]
        at += 4 + size


def stored_path(entry: Entry) -> str:
    """Returns the path from the stored name. Programs other than `unzip` may use this path."""
    return _path(entry.info, entry.info.orig_filename)[0]


def _path(info: zipfile.ZipInfo, name: str) -> tuple[str, bool]:
    """Returns the path, and whether the entry is a folder.

    `unzip` omits control characters, empty components and the component `.`, and writes a file `.` as `_`. It also
    omits the byte 0xFF, which Python decodes as a no-break space if the name is not in UTF-8.
    """
    if not info.flag_bits & _UTF_8:
        name = name.replace("\xa0", "")
    is_folder = name.endswith("/")
    if not _IS_CHANGED.search(name):
        return name.removesuffix("/"), is_folder
    components = _DROPPED.sub("", name).split("/")
    if not is_folder:
        file = _FILE_VERSION.sub("", components.pop())
        if not file:
            return "", False
        components.append("_" if file == "." else file)
    return "/".join(component for component in components if component not in ("", ".")), is_folder


def shown(name: str) -> str:
    """Returns the beginning of a name. `?` replaces each character that cannot be printed."""
    return "".join(character if character.isprintable() else "?" for character in name[:100])
