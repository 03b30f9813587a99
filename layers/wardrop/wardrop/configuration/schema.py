"""What a team configures for an application: one YAML document in SSM Parameter Store."""

import re
from collections.abc import Collection
from datetime import timedelta
from typing import Annotated, Any, Literal

import msgspec
import yaml

from wardrop.configuration.bounded_yaml import Bounded, told
from wardrop.configuration.freeze import window
from wardrop.configuration.principal import check_pattern
from wardrop.configuration.rules import Rules
from wardrop.environments.model import Health

MAX_BYTES = 8192
"""An advanced parameter's size (AWS Systems Manager user guide, "Managing parameter tiers")."""


class InvalidConfiguration(ValueError):
    """The document is refused; the sentence names the path and what is allowed there."""


class Duration(timedelta):
    """Written as 90s, 5m, 2h or 30d."""


class EnvironmentConfiguration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{2,38}[A-Za-z0-9]$")]
    bake: Duration = Duration(minutes=2)
    approval: Literal["required", "none"] | None = None
    approvers: list[str] = []
    policy: (
        Literal["keep", "AllAtOnce", "Rolling", "RollingWithAdditionalBatch", "Immutable", "TrafficSplitting"] | None
    ) = None
    batch: Annotated[str, msgspec.Meta(pattern=r"^[1-9][0-9]?%$|^100%$")] | Annotated[int, msgspec.Meta(ge=1)] = "30%"
    accept: tuple[Literal["Ok", "Info", "Warning", "Degraded", "Severe"], ...] = ("Ok", "Info")
    bad_for: Duration = Duration(minutes=3)
    deadline: Duration | None = None
    on_failure: Literal["rollback", "hold"] = "rollback"
    freeze: list[str] = []
    guard: Literal["alert", "abort", "off"] = "alert"
    alert_from: Literal["Info", "Warning", "Degraded", "Severe"] = "Warning"


class VersionsConfiguration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    keep_last: Annotated[int, msgspec.Meta(ge=0)] = 30
    keep_for: Duration = Duration(days=30)
    keep_good_per_environment: Annotated[int, msgspec.Meta(ge=1)] = 5
    scope: Literal["own", "all"] = "own"


class SlackConfiguration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    channel: str | None = None


class Configuration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    environments: list[
        EnvironmentConfiguration | Annotated[list[EnvironmentConfiguration], msgspec.Meta(min_length=1)]
    ] = []
    versions: VersionsConfiguration = VersionsConfiguration()
    slack: SlackConfiguration = SlackConfiguration()

    @property
    def stages(self) -> list[list[EnvironmentConfiguration]]:
        """In the order of promotion; the environments of one stage are deployed side by side."""
        return [entry if isinstance(entry, list) else [entry] for entry in self.environments]

    def of(self, environment: str) -> EnvironmentConfiguration:
        """The environment's own settings, or the defaults for one that is not configured."""
        named = (entry for stage in self.stages for entry in stage if entry.name == environment)
        return next(named, EnvironmentConfiguration(name=environment))

    def stage_after(self, environment: str) -> list[str]:
        """The names of the stage that a good version goes to from here; none after the last."""
        numbers = [n for n, stage in enumerate(self.stages) if environment in (entry.name for entry in stage)]
        following = self.stages[numbers[0] + 1 :] if numbers else []
        return [entry.name for entry in following[0]] if following else []

    def rules(self, environment: str, on_failure: str | None = None) -> Rules:
        """What is pinned to a deployment; `on_failure` is what its drop states."""
        settings = self.of(environment)
        first = {entry.name for stage in self.stages[:1] for entry in stage}
        later = {entry.name for stage in self.stages[1:] for entry in stage} - first
        return Rules(
            accept=tuple(Health(accepted) for accepted in settings.accept),
            bad_for=_seconds(settings.bad_for),
            bake=_seconds(settings.bake),
            approval=settings.approval == "required" or (settings.approval is None and environment in later),
            approvers=settings.approvers,
            policy=settings.policy,
            batch=str(settings.batch),
            deadline=_seconds(settings.deadline) if settings.deadline is not None else None,
            on_failure=on_failure or settings.on_failure,
            freeze=settings.freeze,
        )


class _Loader(Bounded, yaml.SafeLoader):
    """Safe, and without YAML 1.1's truth values and dates: `off` is a word here."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML declares it so
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":bool", ":timestamp"))]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def parse(text: str) -> Configuration:
    """Raises InvalidConfiguration."""
    if len(text.encode()) > MAX_BYTES:
        raise InvalidConfiguration(f"the document has {len(text.encode())} bytes, and may have {MAX_BYTES}")
    try:
        document = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, RecursionError, ValueError, AttributeError, LookupError, TypeError) as error:
        # The last four are PyYAML's own stumbling over a text that does not fit its tag: !!bool maybe.
        raise InvalidConfiguration(f"not YAML: {told(error)}") from error
    try:
        configured = msgspec.convert({} if document is None else document, Configuration, dec_hook=_decode)
    except msgspec.ValidationError as error:
        raise InvalidConfiguration(str(error)) from error
    _check(configured)
    return configured


def check_names(configured: Configuration, there: Collection[str]) -> None:
    """Raises InvalidConfiguration if it names an environment that the application does not have."""
    for entry in (entry for stage in configured.stages for entry in stage):
        if entry.name not in there:
            has = ", ".join(sorted(there)) or "none"
            raise InvalidConfiguration(f"there is no environment {entry.name}; the application has {has}")


def _check(configured: Configuration) -> None:
    """What no type can say."""
    names: set[str] = set()
    for entry in (entry for stage in configured.stages for entry in stage):
        if entry.name in names:
            raise InvalidConfiguration(f"{entry.name} stands twice under environments")
        names.add(entry.name)
        for pattern in entry.approvers:
            try:
                check_pattern(pattern)
            except ValueError as error:
                raise InvalidConfiguration(f"{error} - at the approvers of {entry.name}") from error
        for text in entry.freeze:
            try:
                window(text)
            except ValueError as error:
                raise InvalidConfiguration(f"{error} - at the freeze of {entry.name}") from error


def _seconds(duration: timedelta) -> int:
    return int(duration.total_seconds())


_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def _decode(wanted: type, value: Any) -> Any:
    if wanted is Duration:
        if isinstance(value, str) and (found := re.fullmatch(r"([0-9]{1,6})([smhd])", value)):
            return Duration(**{_UNITS[found[2]]: int(found[1])})
        raise ValueError(f"{value!r} is not a duration such as 90s, 5m, 2h or 30d")
    raise NotImplementedError(wanted)
