"""The newest health incident of an environment, as a record of the ledger."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from wardrop.environments.model import Health


class Phase(StrEnum):
    """The last report about the incident."""

    UNREPORTED = "unreported"
    OPEN = "open"
    FLAPPING = "flapping"
    CLOSED = "closed"


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """The newest incident of an environment, whether open or closed."""

    id: str
    application: str
    environment: str
    environment_id: str | None = None
    opened_at: datetime
    health: Health
    """The newest health status that is good or bad. Other statuses, such as Unknown, are not recorded."""

    before: Health | None = None
    """The previous health status. None: the previous status is not known."""

    as_of: datetime
    """The time of the newest evidence that changed the incident. Older events are ignored."""

    event_at: datetime | None = None
    """The time of the newest health event."""

    bad_since: datetime | None = None
    """The time since which health has been bad. None: health is not bad."""

    recovered_at: datetime | None = None
    phase: Phase = Phase.UNREPORTED
    worst_reported: Health | None = None
    flaps: int = 0
    """The number of times that health became bad again."""

    change: int = 0
    """The number of notifications about this incident."""

    absent_since: datetime | None = None
    """The time since which DescribeEnvironments has not listed the environment. None: the environment is listed."""

    expires_at: int | None = None
    """The time of expiry, in seconds since 1970. None: the incident is open."""

    revision: int = 0
    unknown: dict[str, Any] = {}

    @property
    def is_reported(self) -> bool:
        """Whether the incident is open and has been reported.

        A reported incident stays open even if a deployment could explain the health.
        """
        return self.phase in (Phase.OPEN, Phase.FLAPPING)

    @property
    def is_open(self) -> bool:
        """Whether the scheduled run of the next minute has to check the environment."""
        return self.bad_since is not None or self.is_reported
