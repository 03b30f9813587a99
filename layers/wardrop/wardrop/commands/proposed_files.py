"""Reads the `.ebextensions` files in a request, and combines them with the running version's files."""

from collections.abc import Mapping

import yaml

from wardrop.configuration.bounded_yaml import NotSupported
from wardrop.drops.archive import short_problem
from wardrop.drops.config_file import parse
from wardrop.drops.config_settings import overrides_of, sections, settings_of
from wardrop.drops.config_value import Values
from wardrop.drops.effort import Effort
from wardrop.environments.option import OptionSetting, ResourceOverride
from wardrop.guard.proposal import Proposal

FOLDER = ".ebextensions"


def propose(files: Mapping[str, str], running: Proposal | None) -> Proposal:
    """Returns the `.ebextensions` of the running version, in which these files replace the files of the same name."""
    named = {f"{FOLDER}/{name}": text for name, text in files.items()}
    read = _read(named)
    if running is None:
        # The plan then states that the files of the running version are not known.
        return read
    settings = [*read.settings, *(setting for setting in running.settings if setting.file not in named)]
    resources = [*read.resources, *(override for override in running.resources if override.file not in named)]
    return Proposal(
        settings=sorted(settings, key=lambda setting: setting.file),
        resources=sorted(resources, key=lambda override: override.file),
        unread=[*read.unread, *running.unread],
    )


def _read(files: Mapping[str, str]) -> Proposal:
    """Reads the files. If a file cannot be read, the effect of the proposal is not certain."""
    settings: list[OptionSetting] = []
    resources: list[ResourceOverride] = []
    unread: list[str] = []
    values, effort = Values(), Effort()
    for file, text in sorted(files.items()):
        try:
            read = sections(parse(text.encode("utf-8", "replace"), effort), values)
            settings += settings_of(read.get("option_settings"), file)
            resources += overrides_of(read, file)
        except (yaml.YAMLError, NotSupported, ValueError, RecursionError) as error:
            unread.append(f"{file}: {short_problem(error)}")
    return Proposal(settings, resources, unread)
