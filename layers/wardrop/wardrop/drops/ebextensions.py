"""The option settings in a bundle's folder `.ebextensions`."""

import zipfile
from collections.abc import Iterable, Sequence

import yaml

from wardrop.configuration.bounded_yaml import BoundedLoader
from wardrop.drops.archive import UNREADABLE, read_member, short_problem, size_of, whole_characters
from wardrop.drops.entry_names import Entry, is_configuration_file
from wardrop.environments.option import ENVIRONMENT_PROPERTIES, OptionSetting, may_be_shown

MAX_FILES = 50
MAX_BYTES = 256 * 1024
"""Of all files together, because YAML is slow to read and a bundle is not trusted."""

MAX_SETTINGS = 300
"""With MAX_TEXT_BYTES, this keeps a version's item below DynamoDB's limit of 400 KB for every bundle."""


def read_ebextensions(archive: zipfile.ZipFile, entries: Sequence[Entry]) -> tuple[list[OptionSetting], list[str]]:
    """The settings in the order in which Beanstalk applies them, and the files that could not be read with the reason.

    Beanstalk applies the files in alphabetical order, and the last value of an option is in force.
    """
    settings: list[OptionSetting] = []
    unread: list[str] = []
    files = [entry for entry in entries if not entry.is_folder and is_configuration_file(entry.path)]
    if len(files) > MAX_FILES:
        unread.append(f"{len(files) - MAX_FILES} of {len(files)} files: more than {MAX_FILES}")
    room = MAX_BYTES
    # In the order of the archive, so that what is read ahead of one file serves the next one.
    for entry in sorted(files, key=lambda entry: entry.info.header_offset)[:MAX_FILES]:
        if size_of(entry.path) > MAX_TEXT_BYTES:
            unread.append(f"{entry.path[:50]}...: a name of more than {MAX_TEXT_BYTES} bytes")
            continue
        try:
            content = read_member(archive, entry.info, room)
            room -= len(content)
            settings += read_settings(entry.path, content)
        except (*UNREADABLE, yaml.YAMLError, RecursionError) as error:
            unread.append(f"{entry.path}: {short_problem(error)}")
    if len(settings) > MAX_SETTINGS:
        unread.append(f"{len(settings) - MAX_SETTINGS} of {len(settings)} settings: more than {MAX_SETTINGS}")
    settings.sort(key=lambda setting: setting.file)
    return settings[:MAX_SETTINGS], unread


MAX_TEXT_BYTES = 256
"""Of a namespace, an option or a value that is recorded."""


class _Loader(BoundedLoader, yaml.BaseLoader):
    """Reads every scalar as text, whatever its tag, and so accepts CloudFormation's short tags."""


def read_settings(file: str, content: bytes) -> list[OptionSetting]:
    """Both forms of `option_settings` are read (AWS developer guide, "Option settings").

    Raises yaml.YAMLError or ValueError.
    """
    document = yaml.load(content, Loader=_Loader)  # noqa: S506 - it makes only texts, lists and mappings
    if document in (None, ""):
        return []
    if not isinstance(document, dict):
        raise ValueError("not a mapping")
    settings: list[OptionSetting] = []
    for namespace, option, value in _pairs(document.get("option_settings")):
        if max(size_of(namespace), size_of(option)) > MAX_TEXT_BYTES:
            raise ValueError(f"an option of more than {MAX_TEXT_BYTES} bytes")
        text = _short_text(value) if may_be_shown((namespace, option)) else None
        settings.append(
            OptionSetting(whole_characters(namespace), whole_characters(option), text and whole_characters(text), file)
        )
    return settings


def _pairs(settings: object) -> Iterable[tuple[str, str, object]]:
    match settings:
        case None | "":
            return
        case list():
            for entry in settings:
                if not isinstance(entry, dict) or "option_name" not in entry:
                    raise ValueError("an entry of option_settings has no option_name")
                # Beanstalk reads an entry without a namespace as an environment property.
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


def _short_text(value: object) -> str | None:
    return value if isinstance(value, str) and size_of(value) <= MAX_TEXT_BYTES else None
