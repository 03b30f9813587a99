"""Inspecting a source bundle: is it what its name says, is it safe, what does it bring along."""

import re
import struct
import zipfile
import zlib
from typing import IO

import msgspec
import yaml

from wardrop.configuration.bounded_yaml import told
from wardrop.drops.ebextensions import MAX_TEXT_BYTES, read_settings, size_of, whole_characters
from wardrop.environments.replacement import OptionSetting
from wardrop.errors import Rejected

MAX_ENTRIES = 100_000
MAX_DECLARED_BYTES = 10 * 2**30
SUSPICIOUS_BYTES = 2**30
SUSPICIOUS_RATIO = 100
MAX_MANIFEST_BYTES = 64 * 1024
MAX_CONFIG_FILES = 50
MAX_CONFIG_BYTES = 256 * 1024
"""Of all configuration files together: YAML is slow to read, and a bundle is not trusted."""

MAX_SETTINGS = 300
"""With MAX_TEXT_BYTES, a version's record stays below DynamoDB's 400 KB whatever a bundle brings along."""

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
"""What zipfile raises on bytes that are no zip, or are made to look like one."""


class Bundle(msgspec.Struct, frozen=True):
    """What Wardrop knows of a bundle without unpacking it."""

    implementation_version: str | None
    settings: list[OptionSetting]
    unread: list[str]
    """Files of `.ebextensions` that could not be understood, each with the reason."""


def inspect(file: IO[bytes], name: str, size: int) -> Bundle:
    """Read the bundle's directory and the few small files in it that matter.

    `file` is seekable and `size` is its length in bytes. Raises Rejected with a sentence for the author.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            _refuse_hostile(entries, name, size)
            _refuse_misnamed({entry.filename for entry in entries}, name)
            return _read(archive)
    except UNREADABLE as error:
        kind = name[-3:].upper()
        raise Rejected(f"{name} is not a readable {kind}: {_plain(error)}; was the upload complete?") from error


def _refuse_hostile(entries: list[zipfile.ZipInfo], name: str, size: int) -> None:
    if len(entries) > MAX_ENTRIES:
        raise Rejected(f"{name} has {len(entries)} entries; more than {MAX_ENTRIES} are not inspected")
    for entry in entries:
        path = entry.orig_filename.replace("\\", "/")
        if path.startswith("/") or re.match(r"[A-Za-z]:", path) or ".." in path.split("/"):
            raise Rejected(f"{name} has an entry that leaves its folder: {path[:100]}")
        if entry.header_offset < 0:
            raise zipfile.BadZipFile("an entry lies before the beginning of the file")
        if entry.flag_bits & 0x1:
            raise Rejected(f"{name} has an encrypted entry, which Beanstalk cannot unpack: {path[:100]}")
    declared = sum(entry.file_size for entry in entries)
    if declared > MAX_DECLARED_BYTES or (declared > SUSPICIOUS_BYTES and declared > SUSPICIOUS_RATIO * size):
        raise Rejected(f"{name} would unpack to {declared / 2**30:.1f} GB from {size / 2**20:.1f} MB")


def _refuse_misnamed(paths: set[str], name: str) -> None:
    if not paths:
        raise Rejected(f"{name} is an archive without any file")
    tops = {path.split("/", 1)[0] for path in paths} - {"__MACOSX"}
    folders = {path.split("/", 1)[0] for path in paths if "/" in path}
    if name.lower().endswith(".war"):
        if "WEB-INF" not in folders:
            wrapped = sorted(path for path in paths if "/WEB-INF/" in path)
            hint = f"; it is in {wrapped[0].partition('/WEB-INF/')[0]}" if wrapped else ""
            raise Rejected(f"{name} is not a web application: it has no WEB-INF at its root{hint}")
    elif name.lower().endswith(".zip"):
        if len(tops) == 1 and tops <= folders:
            raise Rejected(f"{name} holds nothing but the folder {min(tops)}; zip the folder's content, not the folder")
        content = {top for top in tops if not top.startswith(".")}
        if len(content) == 1 and (only := min(content)).lower().endswith(".war") and only != "ROOT.war":
            raise Rejected(
                f"{name} holds nothing but {only}, which Tomcat would not serve at /; "
                f"drop {only} itself, or name it ROOT.war in the archive"
            )


def _read(archive: zipfile.ZipFile) -> Bundle:
    # First, for it lies at the beginning, and what is read ahead of it may hold the rest.
    implementation_version = _implementation_version(archive)
    unread: list[str] = []
    settings: list[OptionSetting] = []
    configs = [entry for entry in archive.infolist() if re.fullmatch(r"\.ebextensions/[^/]+\.config", entry.filename)]
    wanted = sorted(configs, key=lambda entry: entry.header_offset)[:MAX_CONFIG_FILES]
    if len(configs) > len(wanted):
        unread.append(f"{len(configs) - len(wanted)} of {len(configs)} files: more than {MAX_CONFIG_FILES}")
    room = MAX_CONFIG_BYTES
    for entry in wanted:
        if size_of(entry.filename) > MAX_TEXT_BYTES:
            unread.append(f"{entry.filename[:50]}...: a name of more than {MAX_TEXT_BYTES} bytes")
            continue
        try:
            content = _member(archive, entry, room)
            room -= len(content)
            settings += read_settings(entry.filename, content)
        except (*UNREADABLE, yaml.YAMLError, RecursionError) as error:
            unread.append(f"{entry.filename}: {_plain(error)}")
    if len(settings) > MAX_SETTINGS:
        unread.append(f"{len(settings) - MAX_SETTINGS} of {len(settings)} settings: more than {MAX_SETTINGS}")
    # Beanstalk applies the files in alphabetical order, and the last value of an option wins.
    settings.sort(key=lambda setting: setting.file)
    return Bundle(implementation_version, settings[:MAX_SETTINGS], unread)


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    """At most `most` bytes are read and unpacked, whatever the entry declares.

    Only deflate unpacks piece by piece; Python's bzip2 and LZMA would blow up a few bytes without bounds.
    """
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise NotImplementedError(f"packed by method {entry.compress_type}, which is not unpacked here")
    if entry.compress_size > most:
        raise ValueError(f"larger than the {most // 1024} KB that are read of such files")
    with archive.open(entry) as member:
        content = member.read(most + 1)
    if len(content) > most:
        raise ValueError(f"larger than the {most // 1024} KB that are read of such files")
    return content


def _implementation_version(archive: zipfile.ZipFile) -> str | None:
    try:
        manifest = _member(archive, archive.getinfo("META-INF/MANIFEST.MF"), MAX_MANIFEST_BYTES)
    except (KeyError, *UNREADABLE):
        return None
    found = re.search(rb"^Implementation-Version:[ \t]*(\S.*?)\s*$", manifest, re.MULTILINE | re.IGNORECASE)
    return found[1].decode("utf-8", "replace") if found else None


def _plain(error: BaseException) -> str:
    return whole_characters(told(error)[:200]) or type(error).__name__
