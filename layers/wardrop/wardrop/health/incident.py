"""An environment's newest health incident, as the ledger keeps it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from wardrop.environments.model import Health


class Phase(StrEnum):
    """What Wardrop has reported of the incident."""

    UNREPORTED = "unreported"
    OPEN = "open"
    FLAPPING = "flapping"
    CLOSED = "closed"


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """The newest incident of an environment, also after it is closed."""

    id: str
    application: str
    environment: str
    environment_id: str | None = None
    opened_at: datetime
    health: Health
    """The newest health status that counts."""

    before: Health | None = None
    """The health status before that one; None if it is unknown."""

    as_of: datetime
    """The time of the newest evidence that changed the incident. Events that are not newer are ignored."""

    event_at: datetime | None = None
    """The time of the newest health event."""

    bad_since: datetime | None = None
    """None while health is not bad."""

    recovered_at: datetime | None = None
    phase: Phase = Phase.UNREPORTED
    worst_reported: Health | None = None
    flaps: int = 0
    """How often health became bad again."""

    change: int = 0
    """The number of notifications about this incident."""

    absent_since: datetime | None = None
    """Since when DescribeEnvironments has not shown the environment; None while it shows it."""

    expires_at: int | None = None
    """Seconds since 1970; None while the incident is open."""

    revision: int = 0
    unknown: dict[str, Any] = {}

    @property
    def is_open(self) -> bool:
        """Whether the next tick has to check the environment again."""
        return self.bad_since is not None or self.phase in (Phase.OPEN, Phase.FLAPPING)
