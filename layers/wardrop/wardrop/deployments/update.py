"""The update that is under way for a deployment, the rollback that it may belong to, and what is timed meanwhile."""

from datetime import datetime

import msgspec

from wardrop.deployments.standing import GoodVersion
from wardrop.environments.model import Health, Progress


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """An update of the environment. It is written to the ledger before UpdateEnvironment is called.

    All fields but the last two describe the environment before the update, so that a lost answer can be recovered.
    """

    claimed_at: datetime
    environment_id: str
    environment_updated_at: datetime
    """DateUpdated, by Beanstalk's clock: events are read from this time on, never from a time of our own clock."""

    deployment_id: int
    """The highest DeploymentId that any instance reported."""

    health: Health
    version_label: str | None
    reports_instances: bool = False

    request_id: str | None = None
    """The RequestId of the update's events. None until the answer of UpdateEnvironment is written."""

    progress: Progress | None = None
    """As it was reported last."""


class UnacceptableHealth(msgspec.Struct, frozen=True, kw_only=True):
    since: datetime
    looks: int


class Timers(msgspec.Struct, frozen=True, kw_only=True):
    """When conditions began that count only if they last. None: the condition does not hold."""

    absent_since: datetime | None = None
    """Beanstalk does not show the environment."""

    unacceptable: UnacceptableHealth | None = None
    good_since: datetime | None = None


class AutomaticRollback(msgspec.Struct, frozen=True, kw_only=True):
    """Wardrop takes the version back and puts a good one in its place."""

    target: GoodVersion
    because: str
    """Why the version is bad."""

    environment_updated_at: datetime
    """DateUpdated when the version was found to be bad."""

    deployment_id: int = 0
    """The highest DeploymentId that any instance reported then."""
