"""The standing of an environment: its good and quarantined versions, its hold and its pause."""

from datetime import datetime
from typing import Any

import msgspec

from wardrop.environments.model import Environment, branch
from wardrop.environments.version import Release
from wardrop.structs import replace

MOST_GOOD = 20
MOST_QUARANTINED = 50


class GoodVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A version that was proven good in an environment. A rollback may deploy it again."""

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
    sha256: str | None = None
    """Of its bundle. None: Wardrop did not make the version."""


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

    def started(self, arrival: tuple[datetime, datetime, str]) -> "Standing":
        return replace(self, newest=max(self.newest or arrival, arrival))

    def with_good(self, good: GoodVersion) -> "Standing":
        others = [version for version in self.good if version.label != good.label]
        return replace(self, good=[good, *others][:MOST_GOOD])

    def with_quarantined(self, quarantined: QuarantinedVersion) -> "Standing":
        others = [version for version in self.quarantined if version.label != quarantined.label]
        return replace(self, quarantined=[quarantined, *others][:MOST_QUARANTINED])

    def without_quarantine(self, label: str) -> "Standing":
        return replace(self, quarantined=[version for version in self.quarantined if version.label != label])

    def held(self, hold: Hold) -> "Standing":
        return replace(self, hold=hold)

    def rollback_targets(self, environment: Environment) -> list[GoodVersion]:
        """The good versions that may be put back, the newest first.

        A version must have been good in this same environment, not in an earlier one of the name, on the same
        platform branch, and it must not have been quarantined since.
        """
        return [
            version
            for version in self.good
            if version.environment_id == environment.id
            and branch(version.platform) == branch(environment.platform)
            and self.quarantine_of(version.label) is None
        ]

    def quarantine_of(self, label: str) -> QuarantinedVersion | None:
        return next((version for version in self.quarantined if version.label == label), None)

    def quarantine_of_bytes(self, release: Release) -> QuarantinedVersion | None:
        """The same bytes may have been quarantined under another label."""
        return next((version for version in self.quarantined if version.sha256 == release.sha256), None)
