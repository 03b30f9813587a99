"""Inspects a source bundle without unpacking it: whether it can be deployed, and which settings it contains."""

import re
import zipfile
from typing import IO

import msgspec

from wardrop.drops.archive import UNREADABLE, read_member, short_problem
from wardrop.drops.ebextensions import read_ebextensions
from wardrop.drops.layout import check_layout
from wardrop.drops.safety import check_safe
from wardrop.environments.replacement import OptionSetting
from wardrop.errors import Rejected

MAX_MANIFEST_BYTES = 64 * 1024


class BundleContents(msgspec.Struct, frozen=True):
    """What Wardrop reads of a bundle."""

    implementation_version: str | None
    settings: list[OptionSetting]
    unread: list[str]
    """Files of `.ebextensions` that could not be read, each with the reason."""


def inspect(file: IO[bytes], name: str, size: int) -> BundleContents:
    """Reads the bundle's directory, its manifest and its `.ebextensions`.

    `file` is seekable, and `size` is its length in bytes. Raises Rejected.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            check_safe(entries, name, size)
            check_layout({entry.filename for entry in entries}, name)
            # The manifest lies at the beginning: what is read ahead of it may contain the other files.
            implementation_version = _implementation_version(archive)
            settings, unread = read_ebextensions(archive)
            return BundleContents(implementation_version, settings, unread)
    except UNREADABLE as error:
        kind = name[-3:].upper()
        raise Rejected(f"{name} is not a readable {kind}: {short_problem(error)}; was the upload complete?") from error


def _implementation_version(archive: zipfile.ZipFile) -> str | None:
    """None if there is no manifest, it cannot be read, or it states no version."""
    try:
        manifest = read_member(archive, archive.getinfo("META-INF/MANIFEST.MF"), MAX_MANIFEST_BYTES)
    except (KeyError, *UNREADABLE):
        return None
    stated = re.search(rb"^Implementation-Version:[ \t]*(\S.*?)\s*$", manifest, re.MULTILINE | re.IGNORECASE)
    return stated[1].decode("utf-8", "replace") if stated else None
