"""The settings in force in an environment, and a proposal to change them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from wardrop.environments.option import Option, OptionSetting, ResourceOverride, may_be_shown, written
from wardrop.environments.settings import DeploymentSettings


class ProposalSource(StrEnum):
    REQUEST = "request"
    """A call to the API. Settings in the call take precedence over the files of the bundle."""

    LISTED = "listed"
    """Settings that Beanstalk returns, such as the draft of an update or the settings after the update."""

    BUNDLE = "bundle"
    """The `.ebextensions` of a version. They remove the settings that only the running version's files contain."""


@dataclass(frozen=True)
class Proposal:
    """The settings in a request, or the settings and overrides in the `.ebextensions` of a bundle."""

    settings: Sequence[OptionSetting] = ()
    """The settings in the order in which they are applied. If an option has several settings, the last one counts."""

    resources: Sequence[ResourceOverride] = ()
    unread: Sequence[str] = ()
    """Parts of the proposal that could not be read, each with the reason."""

    removed: Sequence[Option] = ()
    """The options whose settings a request removes.

    The values in the running version's files then come into force. If the files have no values, the defaults do.
    """

    source: ProposalSource = ProposalSource.BUNDLE


def _always_recorded(_option: Option) -> bool:
    return False


@dataclass(frozen=True)
class CurrentSettings:
    options: Mapping[Option, str]
    instances: int | None
    """The number of running instances. None: the number was not read."""

    environment_id: str = ""
    running: Proposal | None = None
    """The `.ebextensions` of the running version. None: they are not known."""

    unread: Sequence[str] = ()
    """The reasons why the settings in force may be incomplete, or may be about to change."""

    is_unrecorded: Callable[[Option], bool] = field(default=_always_recorded)
    """Whether an option that is missing in `options` may have a value."""


def recorded_in_force(
    settings: DeploymentSettings, instances: int | None, environment_id: str = "", running: Proposal | None = None
) -> CurrentSettings:
    """Returns the settings in force from the ledger's record, which omits long values and values that may be secret."""
    unrecorded = set(settings.unrecorded)
    options = {
        (namespace, name): value for namespace, named in settings.options.items() for name, value in named.items()
    }
    return CurrentSettings(
        options=options,
        instances=instances,
        environment_id=environment_id,
        running=running,
        unread=() if options else ("the settings of the environment were not read",),
        is_unrecorded=lambda option: not may_be_shown(option) or written(option) in unrecorded,
    )
