"""What is in force in an environment, and what somebody proposes to change there."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from wardrop.environments.option import Option, OptionSetting, ResourceOverride, may_be_shown, written
from wardrop.environments.settings import DeploymentSettings


class Source(StrEnum):
    REQUEST = "request"
    """A call of the API, whose settings take precedence over the files of the bundle."""

    LISTED = "listed"
    """Settings as Beanstalk lists them, such as a draft or the settings after an update."""

    BUNDLE = "bundle"
    """The `.ebextensions` of a version. What the running version's files set and the new ones do not, is removed."""


@dataclass(frozen=True)
class Proposal:
    """Settings that a request changes, or the settings and overrides in the `.ebextensions` of a bundle."""

    settings: Sequence[OptionSetting] = ()
    """In the order in which they apply: of several settings of an option, the last one counts."""

    resources: Sequence[ResourceOverride] = ()
    unread: Sequence[str] = ()
    """Parts of the proposal that could not be read, each with the reason."""

    removed: Sequence[Option] = ()
    """Options whose setting a request removes. They get the value of the files, or the default."""

    source: Source = Source.BUNDLE


def _always_recorded(_option: Option) -> bool:
    return False


@dataclass(frozen=True)
class InForce:
    options: Mapping[Option, str]
    instances: int | None
    """None: the number of running instances was not read."""

    environment_id: str = ""
    running: Proposal | None = None
    """The `.ebextensions` of the version that runs. None: they are not known."""

    unread: Sequence[str] = ()
    """Reasons why the settings in force may be incomplete, or may be about to change."""

    is_unrecorded: Callable[[Option], bool] = field(default=_always_recorded)
    """Whether the absence of an option from `options` says nothing about its value."""


def recorded_in_force(
    settings: DeploymentSettings, instances: int | None, environment_id: str = "", running: Proposal | None = None
) -> InForce:
    """What the ledger has of an environment's settings: no value that may be secret, and no long one."""
    unrecorded = set(settings.unrecorded)
    options = {
        (namespace, name): value for namespace, named in settings.options.items() for name, value in named.items()
    }
    return InForce(
        options=options,
        instances=instances,
        environment_id=environment_id,
        running=running,
        unread=() if options else ("the settings of the environment were not read",),
        is_unrecorded=lambda option: not may_be_shown(option) or written(option) in unrecorded,
    )
