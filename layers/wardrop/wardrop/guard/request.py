"""A message that asks guard_configuration to examine an environment. Most of them are from watch_environments."""

from datetime import datetime, timedelta

import msgspec

from wardrop.environments.model import Environment
from wardrop.foreign_json import decode
from wardrop.guard.call import CALL, Caller, CallEvent, caller_of

FRESH = timedelta(seconds=10)
"""The maximum age of the environment's state in a message. If the state is older, the guard reads the environment."""


class GuardRequest(msgspec.Struct, frozen=True, kw_only=True):
    environment: str
    cause: str
    """The cause of the request: the id of an event, or the time of the scheduled run."""

    update_started_at: datetime | None = None
    """The start of the update, if an event reported it. None: the request is from a scheduled run."""

    caller: Caller | None = None
    """The identity that called UpdateEnvironment, from CloudTrail. None: the request is not from CloudTrail."""

    snapshot: Environment | None = None
    """The state of the environment when the sender read it. None: the sender did not read the environment."""

    snapshot_at: datetime | None = None

    def recent_snapshot(self, now: datetime) -> Environment | None:
        return self.snapshot if self.snapshot_at is not None and now - self.snapshot_at <= FRESH else None


class _Envelope(msgspec.Struct, frozen=True, rename={"detail_type": "detail-type"}):
    detail_type: str = ""


def _request_of(event: CallEvent) -> GuardRequest:
    """Makes a request from CloudTrail's event.

    If the caller identified the environment only by its id, the name of the environment is empty.
    """
    name = event.detail.request_parameters.environment_name or ""
    return GuardRequest(environment=name, cause=f"call/{event.id}", caller=caller_of(event))


def read_request(body: str) -> GuardRequest:
    """Raises Malformed."""
    name = "a request to the guard"
    if decode(body, _Envelope, name).detail_type == CALL:
        return _request_of(decode(body, CallEvent, name))
    return decode(body, GuardRequest, name)
