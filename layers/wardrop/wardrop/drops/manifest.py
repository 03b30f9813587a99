"""Reads the version in a bundle's manifest."""

import re
import zipfile

from wardrop.drops.archive import UNREADABLE, read_beginning
from wardrop.drops.entry_names import Entry

PATH = "META-INF/MANIFEST.MF"
MAX_BYTES = 64 * 1024
"""The maximum number of bytes of a manifest that are read.

The manifest of a signed archive may be longer, but the version is in the main section at the start of the manifest.
"""

MAX_VERSION = 256
"""The maximum length of a version, in characters."""


def read_version(archive: zipfile.ZipFile, entries: list[Entry]) -> str | None:
    """Returns the version, or None if the manifest is missing, cannot be read, or contains no version."""
    manifest = next((entry for entry in reversed(entries) if entry.path == PATH), None)
    if manifest is None:
        return None
    try:
        return version_in(read_beginning(archive, manifest.info, MAX_BYTES))
    except UNREADABLE:
        return None


def version_in(manifest: bytes) -> str | None:
    """Returns the Implementation-Version in the main section.

    The main section ends at the first empty line (JAR File Specification). A line has at most 72 bytes. A line that
    begins with a space continues the previous line.
    """
    attributes: list[bytearray] = []
    for line in manifest.splitlines():
        if not line:
            break
        if line.startswith(b" ") and attributes:
            attributes[-1] += line[1:]
        else:
            attributes.append(bytearray(line))
    for attribute in attributes:
        name, _, value = attribute.partition(b":")
        if name.lower() == b"implementation-version":
            return _cleaned(value.decode("utf-8", "replace")) or None
    return None


def _cleaned(value: str) -> str:
    """Replaces each unprintable character with a space, and removes repeated spaces."""
    printable = "".join(character if character.isprintable() else " " for character in value)
    return re.sub(r" +", " ", printable).strip()[:MAX_VERSION].strip()
