"""The standing of an environment: its good and quarantined versions, its hold and its pause."""

from datetime import datetime
from typing import Any

import msgspec

from wardrop.environments.version import Release


class GoodVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A version that proved itself in an environment: a rollback may put it back."""

    label: str
    at: datetime
    environment_id: str
    platform: str
    release: Release | None = None
    """None: Wardrop did not make the version and does not know its bundle."""


class QuarantinedVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A version that an instance ran here and that failed; only a person can bring it back, by its label."""

    label: str
    at: datetime
    because: str


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """Later drops wait until a person resumes or deploys."""

    by: str
    at: datetime
    because: str
    label: str | None = None
    """The version that was put back; clean-up keeps it."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What Wardrop knows of an environment apart from its deployments."""

    environment: str
    newest: tuple[datetime, datetime, str] | None = None
    """The arrival of the newest drop whose deployment was started."""

    good: list[GoodVersion] = []
    """The newest first, each label once."""

    quarantined: list[QuarantinedVersion] = []
    hold: Hold | None = None
    paused: Hold | None = None
    revision: int = 0
    unknown: dict[str, Any] = {}

    def quarantine_of(self, label: str) -> QuarantinedVersion | None:
        return next((version for version in self.quarantined if version.label == label), None)
