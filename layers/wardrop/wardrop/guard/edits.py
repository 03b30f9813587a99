"""Lists the options that a proposal sets or removes, with their values in force and their new values.

Settings made through the API take precedence over `.ebextensions`. `.ebextensions` take precedence over defaults (AWS
developer guide, "Configuration options").
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from wardrop.environments.option import Option, OptionSetting
from wardrop.environments.settings import SCHEDULED_ACTION
from wardrop.guard.descriptions import Description, Descriptions, ValueKind, describe, is_named, without_default
from wardrop.guard.meaning import Sameness, compare
from wardrop.guard.proposal import CurrentSettings, Proposal, ProposalSource
from wardrop.guard.values import entries, has_reference

_MAY_TAKE_PRECEDENCE = "the value in force may have been set through the API, and would then take precedence"


class Certainty(StrEnum):
    """Whether the proposal changes an option certainly, possibly or not."""

    UNCHANGED = "unchanged"
    OVERRIDDEN = "overridden"
    """A setting made through the API takes precedence over the file."""

    CHANGES = "changes"
    MAY_CHANGE = "may_change"


@dataclass(frozen=True)
class Edit:
    option: Option
    description: Description | None
    before: str | None
    """The value in force. None: the option has no value, or the value is not recorded."""

    after: str | None
    """The new value. None: the option will have no value, or the value is not known."""

    certainty: Certainty = Certainty.UNCHANGED
    reason: str = ""
    """The reason why it is not certain that the option changes."""

    file: str = ""


def edits_of(in_force: CurrentSettings, proposal: Proposal, descriptions: Descriptions) -> Iterator[Edit]:
    settings = {setting.key: setting for setting in proposal.settings}
    judge = _EDITS[proposal.source](in_force, descriptions)
    for setting in settings.values():
        yield judge.setting(setting)
    for option in sorted(judge.removed(proposal) - settings.keys()):
        yield judge.removal(option)


class _RequestEdits:
    def __init__(self, in_force: CurrentSettings, descriptions: Descriptions) -> None:
        self._in_force, self._descriptions = in_force, descriptions
        running = in_force.running.settings if in_force.running else ()
        self._running = {setting.key: setting for setting in running}

    def removed(self, proposal: Proposal) -> set[Option]:
        return set(proposal.removed)

    def setting(self, setting: OptionSetting) -> Edit:
        edit = replace(self._edit(setting.key), after=setting.value, file=setting.file)
        if setting.value is None:
            return _uncertain(edit, "the new value is not recorded, because it may be secret or is too long")
        if setting.namespace == SCHEDULED_ACTION:
            return _uncertain(edit, "several scheduled actions may have an option of this name")
        return self._compared(edit)

    def removal(self, option: Option) -> Edit:
        """Returns the edit that removes a setting.

        The value in the running version's files then comes into force. If the files have no value, the default does.
        """
        edit = self._edit(option)
        if self._in_force.running is None:
            return _uncertain(edit, "the .ebextensions of the running version are not known")
        in_files = self._running.get(option)
        default = self._default(edit)
        after = in_files.value if in_files else default
        if after is None:
            return _uncertain(edit, "the setting is removed, and the value that comes into force is not known")
        return self._compared(replace(edit, after=after))

    def _edit(self, option: Option) -> Edit:
        before, description = self._in_force.options.get(option), describe(option, self._descriptions)
        if description is not None and not self._has_defaults(option[0]):
            description = without_default(description)
        return Edit(option, description, before, None)

    def _has_defaults(self, namespace: str) -> bool:
        return not is_named(namespace) or any(existing == namespace for existing, _ in self._in_force.options)

    def _default(self, edit: Edit) -> str | None:
        """Returns the default value, which comes into force if the option is removed.

        Returns None if there is no default, or if the default is not known.
        """
        return None if edit.description is None or is_named(edit.option[0]) else edit.description.default

    def _compared(self, edit: Edit) -> Edit:
        if edit.before is None and self._in_force.is_unrecorded(edit.option):
            return _uncertain(edit, "the value in force is not recorded, because it may be secret or is too long")
        match self._compare(edit, edit.after):
            case Sameness.SAME:
                return edit
            case Sameness.DIFFERENT:
                return replace(edit, certainty=Certainty.CHANGES)
            case Sameness.UNKNOWN if has_reference(edit.after):
                return _uncertain(edit, "the new value is a reference, which only AWS CloudFormation can resolve")
            case Sameness.UNKNOWN if self._is_certain(edit):
                return replace(edit, certainty=Certainty.CHANGES)
            case Sameness.UNKNOWN:
                return _uncertain(edit, "the new value may be another spelling of the value in force")

    def _is_certain(self, edit: Edit) -> bool:
        """Whether the new value certainly differs from the value in force, although their comparison is not certain.

        This is the case if the new value contains all security groups in force and at least one other group. In all
        other cases, a group that Beanstalk has added may be the only difference.
        """
        is_groups = edit.description is not None and edit.description.kind is ValueKind.SECURITY_GROUPS
        return is_groups and {*entries(edit.before or "")} < {*entries(edit.after or "")}

    def _compare(self, edit: Edit, after: str | None) -> Sameness:
        return compare(edit.description or Description(), edit.before, after, self._in_force.environment_id)


class _ListedEdits(_RequestEdits):
    def _is_certain(self, edit: Edit) -> bool:  # noqa: ARG002 - Beanstalk always writes a value in the same way
        return True


class _BundleEdits(_RequestEdits):
    def removed(self, proposal: Proposal) -> set[Option]:  # noqa: ARG002 - a bundle removes the settings that it no longer has
        return set(self._running)

    def setting(self, setting: OptionSetting) -> Edit:
        """Returns the edit that sets an option.

        If the running version has the same setting, nothing changes, even if the value is a reference.
        """
        in_files = self._running.get(setting.key)
        edit = replace(self._edit(setting.key), after=setting.value, file=setting.file)
        if in_files and setting.value is not None and setting.value == in_files.value:
            return edit
        if overridden := self._overridden(edit):
            return overridden
        compared = super().setting(setting)
        return (
            self._new_in_files(compared) if in_files is None and compared.certainty is Certainty.CHANGES else compared
        )

    def _new_in_files(self, edit: Edit) -> Edit:
        """Returns the edit for an option that no file of the running version sets.

        If the value in force is not the default, it was set through the API, so it takes precedence over the files.
        """
        if self._in_force.running is None:
            return _uncertain(edit, _MAY_TAKE_PRECEDENCE)
        if edit.before is None:
            return edit
        default = edit.description.default if edit.description else None
        match Sameness.UNKNOWN if default is None else self._compare(edit, default):
            case Sameness.SAME:
                return edit
            case Sameness.DIFFERENT:
                return replace(edit, certainty=Certainty.OVERRIDDEN)
            case Sameness.UNKNOWN:
                return _uncertain(edit, _MAY_TAKE_PRECEDENCE)

    def removal(self, option: Option) -> Edit:
        edit = self._edit(option)
        if overridden := self._overridden(edit):
            return overridden
        default = self._default(edit)
        if default is None:
            return _uncertain(edit, "the new version no longer sets the option, and its default is not known")
        return self._compared(replace(edit, after=default))

    def _overridden(self, edit: Edit) -> Edit | None:
        """Returns the edit if a setting made through the API takes precedence over the running version's file.

        Returns None if no such setting is known.
        """
        in_files = self._running.get(edit.option)
        if in_files is None or in_files.value is None or edit.before is None:
            return None
        if self._compare(edit, in_files.value) is not Sameness.DIFFERENT:
            return None
        return replace(edit, certainty=Certainty.OVERRIDDEN)


_EDITS = {
    ProposalSource.REQUEST: _RequestEdits,
    ProposalSource.LISTED: _ListedEdits,
    ProposalSource.BUNDLE: _BundleEdits,
}


def _uncertain(edit: Edit, reason: str) -> Edit:
    return replace(edit, certainty=Certainty.MAY_CHANGE, reason=reason)
