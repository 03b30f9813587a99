"""Inspecting a source bundle: is it what its name says, is it safe, what does it bring along."""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterable
from typing import IO

import msgspec
import yaml

from wardrop.errors import Rejected

MAX_ENTRIES = 100_000
MAX_DECLARED_BYTES = 10 * 2**30
SUSPICIOUS_BYTES = 2**30
SUSPICIOUS_RATIO = 100
MAX_CONFIG_FILES = 50
MAX_CONFIG_BYTES = 256 * 1024
MAX_MANIFEST_BYTES = 64 * 1024
MAX_ALIASES = 50
MAX_SETTINGS = 300
MAX_SETTING_BYTES = 256
"""So that a version's record stays below DynamoDB's 400 KB whatever a bundle brings along."""

ENVIRONMENT_PROPERTIES = "aws:elasticbeanstalk:application:environment"

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


class Setting(msgspec.Struct, frozen=True):
    """One option setting of `.ebextensions`; `value` is None if it may be secret, or is no short scalar."""

    namespace: str
    option: str
    value: str | None
    file: str


class Bundle(msgspec.Struct, frozen=True):
    """What Wardrop knows of a bundle without unpacking it."""

    implementation_version: str | None
    settings: list[Setting]
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
            wrapped = sorted(path for path in paths if path.endswith("/WEB-INF/"))
            hint = f"; it is in {wrapped[0]}" if wrapped else ""
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
    settings: list[Setting] = []
    configs = [entry for entry in archive.infolist() if re.fullmatch(r"\.ebextensions/[^/]+\.config", entry.filename)]
    wanted = sorted(configs, key=lambda entry: entry.header_offset)[:MAX_CONFIG_FILES]
    if len(configs) > len(wanted):
        unread.append(f"{len(configs) - len(wanted)} of {len(configs)} files: more than {MAX_CONFIG_FILES}")
    for entry in wanted:
        if _size(entry.filename) > MAX_SETTING_BYTES:
            unread.append(f"{entry.filename[:50]}...: a name of more than {MAX_SETTING_BYTES} bytes")
            continue
        try:
            settings += read_settings(entry.filename, _member(archive, entry, MAX_CONFIG_BYTES))
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
        raise ValueError(f"larger than {most // 1024} KB")
    with archive.open(entry) as member:
        content = member.read(most + 1)
    if len(content) > most:
        raise ValueError(f"larger than {most // 1024} KB")
    return content


def _implementation_version(archive: zipfile.ZipFile) -> str | None:
    try:
        manifest = _member(archive, archive.getinfo("META-INF/MANIFEST.MF"), MAX_MANIFEST_BYTES)
    except (KeyError, *UNREADABLE):
        return None
    found = re.search(rb"^Implementation-Version:[ \t]*(\S.*?)\s*$", manifest, re.MULTILINE | re.IGNORECASE)
    return found[1].decode("utf-8", "replace") if found else None


class _SettingsLoader(yaml.SafeLoader):
    """Safe, with bounded aliases, and without opinions on CloudFormation's short tags."""

    aliases = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            self.aliases += 1
            if self.aliases > MAX_ALIASES:
                raise yaml.YAMLError(f"more than {MAX_ALIASES} aliases")
        return super().compose_node(parent, index)


_SettingsLoader.add_multi_constructor("!", lambda _loader, _suffix, _node: None)


def read_settings(file: str, content: bytes) -> list[Setting]:
    """The `option_settings` of one configuration file, in either of its two forms.

    Forms: AWS developer guide, "Option settings". Raises yaml.YAMLError or ValueError.
    """
    try:
        document = yaml.load(content, Loader=_SettingsLoader)  # noqa: S506 - a SafeLoader
    except (AttributeError, LookupError, TypeError) as error:
        # PyYAML itself stumbles over a text that does not fit its tag, such as !!bool maybe.
        raise ValueError(f"a value does not fit its tag: {error}") from error
    if document is None:
        return []
    if not isinstance(document, dict):
        raise ValueError("not a mapping")
    settings: list[Setting] = []
    for namespace, option, value in _pairs(document.get("option_settings")):
        if max(_size(namespace), _size(option)) > MAX_SETTING_BYTES:
            raise ValueError(f"an option of more than {MAX_SETTING_BYTES} bytes")
        shown = None if _may_be_secret(namespace, option) else _scalar(value)
        settings.append(Setting(_text(namespace), _text(option), shown and _text(shown), file))
    return settings


def _pairs(settings: object) -> Iterable[tuple[str, str, object]]:
    match settings:
        case None:
            return
        case list():
            for entry in settings:
                if not isinstance(entry, dict) or "option_name" not in entry:
                    raise ValueError("an entry of option_settings has no option_name")
                # Without a namespace Beanstalk takes the entry as an environment property.
                yield (
                    str(entry.get("namespace") or ENVIRONMENT_PROPERTIES),
                    str(entry["option_name"]),
                    entry.get("value"),
                )
        case dict():
            for namespace, options in settings.items():
                if not isinstance(options, dict):
                    raise ValueError(f"option_settings of {namespace} is not a mapping")
                for option, value in options.items():
                    yield str(namespace), str(option), value
        case _:
            raise ValueError("option_settings is neither a list nor a mapping")


def _may_be_secret(namespace: str, option: str) -> bool:
    return namespace == ENVIRONMENT_PROPERTIES or "password" in option.lower()


def _scalar(value: object) -> str | None:
    match value:
        case bool():
            return str(value).lower()
        case str() | int() | float() if _size(str(value)) <= MAX_SETTING_BYTES:
            return str(value)
        case _:
            return None


def _text(text: str) -> str:
    """What JSON escapes as two surrogates is one character; half of one is none, and DynamoDB refuses it."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _size(text: str) -> int:
    return len(_text(text).encode())


def _plain(error: BaseException) -> str:
    return _text(" ".join(str(error).split())[:200]) or type(error).__name__
