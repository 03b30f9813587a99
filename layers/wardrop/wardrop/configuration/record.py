"""The ledger's record of an application's configuration: the last good document, and the fault that was reported."""

from datetime import datetime
from typing import Any

import msgspec

from wardrop.configuration.parameter import Document, Fault
from wardrop.foreign_text import clean


class Forgotten(msgspec.Struct, frozen=True, kw_only=True):
    """A user's request to forget the last good document."""

    by: str
    principal: str
    at: datetime
    version: int
    """The version of the document that was removed."""

    def __post_init__(self) -> None:
        clean(self, "by", "principal")


class ConfigurationRecord(msgspec.Struct, frozen=True, kw_only=True):
    application: str
    last_good: Document | None = None
    """The last valid document whose environments existed.

    None: there was no such document, or a user has removed it.
    """

    fault: Fault | None = None
    """The fault that was reported and has not ended. None: there is no such fault."""

    forgotten: Forgotten | None = None
    revision: int = 0
    unknown: dict[str, Any] = {}
