"""The configuration of an application: one YAML document in SSM Parameter Store."""

import re
from collections.abc import Callable, Collection, Iterable
from typing import Annotated, Literal, TypeVar, get_args

import msgspec

from wardrop.configuration.alarm_pattern import check_alarms
from wardrop.configuration.arn_pattern import check_pattern
from wardrop.configuration.check import AllowedFunctions, validate_checks
from wardrop.configuration.duration import Duration, decode_hook
from wardrop.configuration.freeze import parse_window
from wardrop.configuration.rules import (
    AccessLists,
    ApprovalRule,
    Diagnose,
    EnvironmentConfiguration,
    Guard,
    OnFailure,
    Policy,
    Rules,
)
from wardrop.environments.model import Health
from wardrop.foreign_text import sentence

Value = TypeVar("Value")
Scope = Literal["own", "all"]
"""The versions that Wardrop created, or all versions of the application."""

MAX_BYTES = 8192
"""The maximum size of an advanced parameter (AWS Systems Manager user guide, "Managing parameter tiers")."""


_HEALTH_STATUSES = [health for health in Health if health.severity is not None]
"""The statuses in order of increasing severity. Pending, Unknown, NoData and Suspended have no severity."""


class InvalidConfiguration(ValueError):
    """The document is not valid. The error's text states where the document is wrong, and which values are allowed."""

    def __init__(self, text: str) -> None:
        super().__init__(sentence(text))


class VersionsConfiguration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    keep_last: Annotated[int, msgspec.Meta(ge=0)] = 30
    keep_for: Duration = Duration(days=30)
    keep_good_per_environment: Annotated[int, msgspec.Meta(ge=1)] = 5
    scope: Scope = "own"


_CHANNEL = re.compile(r"#[^\s#@<>\x00-\x1f\x7f-\x9f\ufffe\uffff]{1,80}|[CGD][A-Z0-9]{8,20}")
"""A channel, in the form that the stack's parameter SlackChannel also requires."""


class SlackConfiguration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    channel: str | None = None


_WORDS: dict[str, Iterable[str]] = {
    "approval": ApprovalRule,
    "policy": get_args(Policy),
    "accept": _HEALTH_STATUSES,
    "alert_from": _HEALTH_STATUSES[1:],
    "on_failure": OnFailure,
    "guard": Guard,
    "diagnose": Diagnose,
    "scope": get_args(Scope),
}
"""The allowed values, keyed by field. Fields that also accept other values are not listed."""


class Configuration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    environments: list[
        EnvironmentConfiguration | Annotated[list[EnvironmentConfiguration], msgspec.Meta(min_length=1)]
    ] = []
    approvers: list[str] = []
    """ARN patterns. If the list is empty, everyone who is allowed to call `run_command` is allowed to approve."""

    operators: list[str] = []
    viewers: list[str] = []
    versions: VersionsConfiguration = VersionsConfiguration()
    slack: SlackConfiguration = SlackConfiguration()

    @property
    def stages(self) -> list[list[EnvironmentConfiguration]]:
        """The stages in the order of promotion. The environments of one stage are deployed in parallel."""
        return [entry if isinstance(entry, list) else [entry] for entry in self.environments]

    @property
    def entries(self) -> list[EnvironmentConfiguration]:
        return [entry for stage in self.stages for entry in stage]

    def environment(self, name: str) -> EnvironmentConfiguration:
        """Returns the settings of an environment. If the environment has no entry, returns the defaults."""
        entries = (entry for entry in self.entries if entry.name == name)
        return next(entries, EnvironmentConfiguration(name=name))

    def stage_after(self, environment: str) -> list[str]:
        """Returns the environments to which a good version is promoted. The list is empty after the last stage."""
        numbers = [n for n, stage in enumerate(self.stages) if environment in (entry.name for entry in stage)]
        following = self.stages[numbers[0] + 1 :] if numbers else []
        return [entry.name for entry in following[0]] if following else []

    def rules(self, environment: str, on_failure: OnFailure | None = None) -> Rules:
        """Returns the rules for a new deployment to the environment. The deployment's record stores these rules.

        `on_failure` is the value in the drop's metadata. None: the metadata contains no such value.
        """
        entry = self.environment(environment)
        is_promoted_to = any(entry in stage for stage in self.stages[1:])
        approval = entry.approval or (ApprovalRule.REQUIRED if is_promoted_to else ApprovalRule.NONE)
        return entry.rules(
            approval_required=approval is ApprovalRule.REQUIRED,
            approvers=self.access(environment).approvers,
            on_failure=on_failure,
        )

    def access(self, environment: str | None) -> AccessLists:
        """Returns the lists that apply to an environment. If `environment` is None, returns the application's lists.

        If the environment's entry has its own list, this list replaces the application's list.
        """
        entry = self.environment(environment) if environment is not None else None
        own: dict[str, list[str] | None] = {name: getattr(entry, name, None) for name in AccessLists.__struct_fields__}
        return AccessLists(**{name: getattr(self, name) if value is None else value for name, value in own.items()})

    def overrides(self, environment: str, field: str) -> bool:
        """Whether the environment's entry has its own list in this field."""
        return getattr(self.environment(environment), field) is not None


def parse(text: str) -> Configuration:
    """Raises InvalidConfiguration."""
    from wardrop.configuration.document import read_yaml  # imported here, because most cold starts parse no document

    if len(text.encode()) > MAX_BYTES:
        raise InvalidConfiguration(f"the document has {len(text.encode())} bytes, and may have at most {MAX_BYTES}")
    try:
        document = read_yaml(text)
    except ValueError as error:
        raise InvalidConfiguration(str(error)) from error
    try:
        configuration = msgspec.convert({} if document is None else document, Configuration, dec_hook=decode_hook)
    except msgspec.ValidationError as error:
        raise InvalidConfiguration(f"{error}{_allowed_values(str(error))}") from error
    _check(configuration)
    return configuration


def _allowed_values(message: str) -> str:
    """Returns the allowed values, as the end of an error message.

    The beginning of the message is from msgspec, and states only where the invalid value is.
    """
    field = re.search(r"Invalid enum value .* - at `[^`]*\.(\w+)(?:\[\.*\d*\])?`$", message)
    return f"; allowed are {', '.join(_WORDS[field[1]])}" if field and field[1] in _WORDS else ""


def check_names(configuration: Configuration, existing: Collection[str]) -> None:
    """Raises InvalidConfiguration for an environment that the application does not have."""
    for entry in configuration.entries:
        if entry.name not in existing:
            names = ", ".join(sorted(existing)) or "none"
            raise InvalidConfiguration(f"there is no environment {entry.name}; the application has {names}")


def check_functions(configuration: Configuration, allowed: AllowedFunctions) -> None:
    """Raises InvalidConfiguration for a check whose function the stack does not allow."""
    for entry in configuration.entries:
        _check_each([entry.checks], allowed.validate, f"the checks of {entry.name}")


def alarms_unusable(environment: str, reason: str) -> InvalidConfiguration:
    return InvalidConfiguration(f"the alarms cannot be used, because {reason} - at the alarms of {environment}")


def _check(configuration: Configuration) -> None:
    """Checks the rules that types cannot express."""
    names = [entry.name for entry in configuration.entries]
    if twice := [name for name in names if names.count(name) > 1]:
        raise InvalidConfiguration(f"{twice[0]} occurs twice in environments")
    channel = configuration.slack.channel
    if channel is not None and not _CHANNEL.fullmatch(channel):
        raise InvalidConfiguration('a channel is "#name" in quotes, or the id of a channel - at `$.slack.channel`')
    for field in AccessLists.__struct_fields__:
        _check_each(getattr(configuration, field), check_pattern, f"the {field} of the application")
    for entry in configuration.entries:
        _check_health(entry)
        for field in AccessLists.__struct_fields__:
            _check_each(getattr(entry, field) or (), check_pattern, f"the {field} of {entry.name}")
        _check_each(entry.freeze, parse_window, f"the freeze of {entry.name}")
        _check_each([entry.alarms], check_alarms, f"the alarms of {entry.name}")
        _check_each([entry.checks], validate_checks, f"the checks of {entry.name}")


def _check_health(entry: EnvironmentConfiguration) -> None:
    for field, values in (("accept", entry.accept), ("alert_from", (entry.alert_from,))):
        for health in values:
            if health not in _WORDS[field]:
                allowed = ", ".join(_WORDS[field])
                raise InvalidConfiguration(f"{health} is not one of {allowed} - in {field} of {entry.name}")


def _check_each(values: Iterable[Value], check: Callable[[Value], object], path: str) -> None:
    """Calls `check` for each value, and converts a ValueError to an InvalidConfiguration that names the path."""
    for value in values:
        try:
            check(value)
        except ValueError as error:
            raise InvalidConfiguration(f"{error} - at {path}") from error
