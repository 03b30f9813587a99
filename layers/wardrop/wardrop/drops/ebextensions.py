"""Reads the settings and overrides in a bundle's folder `.ebextensions`."""

import zipfile
from collections.abc import Iterable
from typing import TypeVar

import msgspec
import yaml

from wardrop.drops.archive import UNREADABLE, read_member, short_problem, size_of
from wardrop.drops.config_file import NotParsed, parse
from wardrop.drops.config_settings import MAX_TEXT_BYTES, overrides_of, sections, settings_of
from wardrop.drops.config_value import Values
from wardrop.drops.effort import Effort
from wardrop.drops.entry_names import Entry, is_configuration_file, is_nested_configuration_file, shown
from wardrop.environments.option import OptionSetting, ResourceOverride, written
from wardrop.errors import Rejected
from wardrop.structs import replace

MAX_FILES = 50
MAX_BYTES = 256 * 1024
"""The maximum size of all files together. It is limited because parsing YAML is slow and a bundle is untrusted."""

MAX_DISPUTED = 10
MAX_SETTINGS = 300
MAX_RESOURCES = 30
MAX_RECORDED_BYTES = 250_000
"""The maximum size of all recorded settings and resources together.

This limit keeps a version's item smaller than DynamoDB's limit of 400 KB.
"""


Part = TypeVar("Part", OptionSetting, ResourceOverride)


class Ebextensions(msgspec.Struct, frozen=True):
    settings: list[OptionSetting] = []
    """The settings in the alphabetical order of their files, as Beanstalk applies them. If an option has several
    settings, the last one is in force.
    """

    resources: list[ResourceOverride] = []
    unread: list[str] = []
    """The parts of the files that were not read, each with the reason."""

    def with_unread(self, more: Iterable[str]) -> "Ebextensions":
        return replace(self, unread=[*self.unread, *more])


def read_ebextensions(archive: zipfile.ZipFile, entries: Iterable[Entry], effort: Effort) -> Ebextensions:
    """Reads all files, up to the limits. Raises Rejected for a file that Beanstalk could not read."""
    files = [entry for entry in entries if not entry.is_folder and _is_read(entry.path)]
    reader = _Reader(archive, effort)
    # The files are read in their order in the archive, because one download may contain several consecutive files.
    for entry in effort.each(sorted(files, key=lambda entry: entry.info.header_offset)[:MAX_FILES]):
        reader.read(entry)
    if len(files) > MAX_FILES:
        reader.unread.append(f"{len(files) - MAX_FILES} of {len(files)} files: Wardrop reads at most {MAX_FILES}")
    return reader.bounded()


def _is_read(path: str) -> bool:
    return is_configuration_file(path) or is_nested_configuration_file(path)


class _Reader:
    """Collects the settings and overrides in all files, within the limits."""

    def __init__(self, archive: zipfile.ZipFile, effort: Effort) -> None:
        self._archive = archive
        self._effort = effort
        self._room = MAX_BYTES
        self._values = Values()
        self._settings: list[OptionSetting] = []
        self._resources: list[ResourceOverride] = []
        self.unread: list[str] = []

    def read(self, entry: Entry) -> None:
        file = entry.path
        if size_of(file) > MAX_TEXT_BYTES:
            self.unread.append(f"{shown(file)}...: a name of more than {MAX_TEXT_BYTES} bytes")
            return
        if not file.isprintable():
            self.unread.append(f"{shown(file)}: a name with characters that cannot be printed")
            return
        try:
            content = read_member(self._archive, entry.info, self._room)
            self._room -= len(content)
            read = sections(parse(content, self._effort), self._values)
            settings, resources = [*settings_of(read.get("option_settings"), file)], [*overrides_of(read, file)]
        except NotParsed as error:
            if is_nested_configuration_file(file):
                self.unread.append(f"{file}: neither YAML nor JSON, {short_problem(error)}")
                return
            raise Rejected(
                f"{file} is neither YAML nor JSON: {short_problem(error)}. "
                "Beanstalk would refuse to deploy it; correct the file and drop the bundle again"
            ) from error
        except (*UNREADABLE, yaml.YAMLError) as error:
            self.unread.append(f"{file}: {short_problem(error)}")
        else:
            self._settings += settings
            self._resources += resources

    def bounded(self) -> Ebextensions:
        settings = sorted(self._settings, key=lambda setting: setting.file)
        resources = sorted(self._resources, key=lambda override: override.file)
        kept_resources = _fitting(resources, MAX_RESOURCES, MAX_RECORDED_BYTES // 5)
        kept_settings = _fitting(settings, MAX_SETTINGS, MAX_RECORDED_BYTES * 4 // 5)
        unread = [
            *self.unread,
            *_contradictions(settings, resources),
            *_left_out("settings", len(settings), len(kept_settings)),
            *_left_out("resources", len(resources), len(kept_resources)),
        ]
        return Ebextensions(kept_settings, kept_resources, unread)


def _contradictions(settings: Iterable[OptionSetting], resources: Iterable[ResourceOverride]) -> list[str]:
    """Names the options and resources that depend on an order of files that AWS does not document.

    AWS documents the alphabetical order within a folder, but neither the order of folders nor the order of upper and
    lower case.
    """
    files: dict[str, set[str]] = {}
    contents: dict[str, set[str]] = {}
    parts = [(written(setting.key), setting.file, str(setting.value)) for setting in settings]
    parts += [(override.resource, override.file, str(sorted(override.properties.items()))) for override in resources]
    for subject, file, content in parts:
        files.setdefault(subject, set()).add(file)
        contents.setdefault(subject, set()).add(content)
    disputed = [subject for subject in files if len(contents[subject]) > 1 and not _is_ordered(files[subject])]
    why = "several files set it, and AWS does not document the order of these files"
    return [f"{subject}: {why}" for subject in disputed[:MAX_DISPUTED]]


def _is_ordered(files: set[str]) -> bool:
    folders = {file.rpartition("/")[0] for file in files}
    return len(folders) == 1 and sorted(files) == sorted(files, key=str.casefold)


def _fitting(parts: list[Part], most: int, room: int) -> list[Part]:
    kept: list[Part] = []
    for part in parts[:most]:
        room -= len(msgspec.json.encode(part))
        if room < 0:
            break
        kept.append(part)
    return kept


def _left_out(parts: str, read: int, kept: int) -> list[str]:
    return [f"{read - kept} of {read} {parts}: more than Wardrop records"] if kept < read else []
