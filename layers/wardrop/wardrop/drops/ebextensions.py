"""The option settings in a bundle's folder `.ebextensions`."""

import re
import zipfile

import yaml

from wardrop.drops.archive import UNREADABLE, read_member, short_problem
from wardrop.drops.config_file import MAX_TEXT_BYTES, read_settings
from wardrop.drops.text import size_of
from wardrop.environments.replacement import OptionSetting

MAX_FILES = 50
MAX_BYTES = 256 * 1024
"""Of all files together, because YAML is slow to read and a bundle is not trusted."""

MAX_SETTINGS = 300
"""With MAX_TEXT_BYTES, this keeps a version's item below DynamoDB's limit of 400 KB for every bundle."""


def read_ebextensions(archive: zipfile.ZipFile) -> tuple[list[OptionSetting], list[str]]:
    """The settings in the order in which Beanstalk applies them, and the files that could not be read with the reason.

    Beanstalk applies the files in alphabetical order, and the last value of an option is in force.
    """
    settings: list[OptionSetting] = []
    unread: list[str] = []
    entries = [entry for entry in archive.infolist() if re.fullmatch(r"\.ebextensions/[^/]+\.config", entry.filename)]
    if len(entries) > MAX_FILES:
        unread.append(f"{len(entries) - MAX_FILES} of {len(entries)} files: more than {MAX_FILES}")
    room = MAX_BYTES
    # In the order of the archive, so that what is read ahead of one file serves the next one.
    for entry in sorted(entries, key=lambda entry: entry.header_offset)[:MAX_FILES]:
        if size_of(entry.filename) > MAX_TEXT_BYTES:
            unread.append(f"{entry.filename[:50]}...: a name of more than {MAX_TEXT_BYTES} bytes")
            continue
        try:
            content = read_member(archive, entry, room)
            room -= len(content)
            settings += read_settings(entry.filename, content)
        except (*UNREADABLE, yaml.YAMLError, RecursionError) as error:
            unread.append(f"{entry.filename}: {short_problem(error)}")
    if len(settings) > MAX_SETTINGS:
        unread.append(f"{len(settings) - MAX_SETTINGS} of {len(settings)} settings: more than {MAX_SETTINGS}")
    settings.sort(key=lambda setting: setting.file)
    return settings[:MAX_SETTINGS], unread
