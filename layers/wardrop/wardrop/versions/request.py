"""The event that invokes CleanVersions."""

import msgspec


class CleanUpRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    tick: str | None = None
    asked_by: str | None = None
    dry_run: bool = False
    application: str | None = None
