"""A deployment's current update with its timers, and its automatic rollback."""

from datetime import datetime

import msgspec

from wardrop.deployments.standing import GoodVersion
from wardrop.environments.model import Health, Progress
from wardrop.foreign_text import clean


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """An update of the environment. The ledger records it before UpdateEnvironment is called.

    All fields except `request_id` and `progress` describe the environment before the update. They help
    to recover a lost response. For a rollback, `health` is the health before the failed version was deployed.
    """

    claimed_at: datetime
    environment_id: str
    environment_updated_at: datetime
    """The environment's DateUpdated. Events are read from this time on, because this time is from Beanstalk's clock."""

    deployment_id: int
    """The highest DeploymentId that an instance reported before the update."""

    health: Health
    version_label: str | None
    reports_instances: bool = False

    request_id: str | None = None
    """The RequestId of the update's events. None: the response of UpdateEnvironment has not been recorded."""

    progress: Progress | None = None
    """The number of instances with the new version, according to the last progress report."""


class UnacceptableHealth(msgspec.Struct, frozen=True, kw_only=True):
    since: datetime
    looks: int


class Timers(msgspec.Struct, frozen=True, kw_only=True):
    """The times at which certain conditions became true. A time is None if its condition is not true.

    A condition counts only after it has been true for some time.
    """

    absent_since: datetime | None = None
    """The time since which Beanstalk has not listed the environment."""

    unacceptable: UnacceptableHealth | None = None
    good_since: datetime | None = None


class AutomaticRollback(msgspec.Struct, frozen=True, kw_only=True):
    """A rollback that Wardrop started because the version was bad."""

    target: GoodVersion
    because: str
    """The evidence against the version."""

    environment_updated_at: datetime
    """The environment's DateUpdated when the version was found to be bad."""

    deployment_id: int = 0
    """The highest DeploymentId that an instance reported when the version was found to be bad."""

    version_label: str | None = None
    """The environment's version before the failed version was deployed.

    None: the environment had no version, or an earlier version of Wardrop started the rollback.
    """

    health: Health | None = None
    """The health of the environment before the failed version was deployed.

    A rollback also succeeds if health is no more severe than before the failed version. The health at the start of the
    rollback is not used, because it already shows the failure. None: an earlier version of Wardrop started the
    rollback.
    """

    def __post_init__(self) -> None:
        clean(self, "because")
