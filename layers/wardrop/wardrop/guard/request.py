"""The message with which watch_environments asks guard_configuration to look at the settings of an environment."""

from datetime import datetime, timedelta

import msgspec

from wardrop.environments.model import Environment
from wardrop.errors import Malformed

FRESH = timedelta(seconds=10)
"""12:00:00 a tick reads the environment; 12:00:09 the guard uses that; 12:00:11 the guard reads it again."""


class GuardRequest(msgspec.Struct, frozen=True, kw_only=True):
    environment: str
    cause: str
    """An event's id, or the minute's tick."""

    update_started_at: datetime | None = None
    """When an update started, as an event reports. None: a tick asks."""

    snapshot: Environment | None = None
    """The environment as the sender saw it. None: the sender did not read it."""

    snapshot_at: datetime | None = None

    def recent_snapshot(self, now: datetime) -> Environment | None:
        return self.snapshot if self.snapshot_at is not None and now - self.snapshot_at <= FRESH else None


def read_request(body: str) -> GuardRequest:
    """Raises Malformed."""
    try:
        return msgspec.json.decode(body, type=GuardRequest)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise Malformed(f"the message is not a request to the guard: {error}") from error
