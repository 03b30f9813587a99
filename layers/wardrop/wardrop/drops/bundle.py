"""Inspects a source bundle without unpacking it: whether it can be deployed, and which settings it contains."""

import re
import zipfile
from collections.abc import Sequence, Set
from typing import IO

import msgspec

from wardrop.drops.archive import UNREADABLE, read_member, short_problem
from wardrop.drops.ebextensions import read_ebextensions
from wardrop.environments.option import OptionSetting
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
    """None if the manifest is missing, cannot be read, or states no version."""
    try:
        manifest = read_member(archive, archive.getinfo("META-INF/MANIFEST.MF"), MAX_MANIFEST_BYTES)
    except (KeyError, *UNREADABLE):
        return None
    stated = re.search(rb"^Implementation-Version:[ \t]*(\S.*?)\s*$", manifest, re.MULTILINE | re.IGNORECASE)
    return stated[1].decode("utf-8", "replace") if stated else None


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


_OF_MACOS = "__MACOSX"


def check_layout(paths: Set[str], name: str) -> None:
    """`paths` are those of the entries. A JAR may contain anything. Raises Rejected."""
    if not paths:
        raise Rejected(f"{name} is an archive without files")
    folders = {path.split("/", 1)[0] for path in paths if "/" in path}
    match name[-4:].lower():
        case ".war":
            _check_war(paths, folders, name)
        case ".zip":
            top_level = {path.split("/", 1)[0] for path in paths} - {_OF_MACOS}
            _check_zip(top_level, folders, name)


def _check_war(paths: Set[str], folders: Set[str], name: str) -> None:
    if "WEB-INF" in folders:
        return
    wrapped = sorted(path for path in paths if "/WEB-INF/" in path)
    hint = f"; it is in {wrapped[0].partition('/WEB-INF/')[0]}" if wrapped else ""
    raise Rejected(f"{name} is not a web application, because it has no folder WEB-INF at its root{hint}")


def _check_zip(top_level: Set[str], folders: Set[str], name: str) -> None:
    if len(top_level) == 1 and top_level <= folders:
        raise Rejected(f"{name} contains only the folder {min(top_level)}; zip the folder's content, not the folder")
    visible = {entry for entry in top_level if not entry.startswith(".")}
    if len(visible) == 1 and (only := min(visible)).lower().endswith(".war") and only != "ROOT.war":
        raise Rejected(
            f"{name} contains only {only}, which Tomcat would not serve at /; "
            f"drop {only} itself, or name it ROOT.war in the archive"
        )
