"""The standing of an environment: its good and quarantined versions, its hold and its pause."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from wardrop.environments.model import Environment, branch
from wardrop.environments.origin import Origin
from wardrop.environments.version import Release
from wardrop.foreign_text import clean
from wardrop.structs import replace

MOST_GOOD = 20
MOST_QUARANTINED = 50
MOST_UNSETTLED = 10
MOST_REQUESTS = 100

MAX_BECAUSE = 1_000
"""The maximum length of a reason, in characters. The ledger stores all reasons of a standing in one item."""


class GoodVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A version that was proven good in an environment. A rollback can deploy the version again."""

    label: str
    at: datetime
    environment_id: str
    platform: str
    release: Release | None = None
    """The bundle. None: Wardrop did not create the version."""

    origin: Origin | None = None


class QuarantinedVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A quarantined version.

    It failed after an instance had started to run it. Only a user's request can deploy it again, by its label.
    """

    label: str
    at: datetime
    because: str
    sha256: str | None = None
    """The hash of the bundle. None: Wardrop did not create the version."""

    def __post_init__(self) -> None:
        clean(self, "because", limit=MAX_BECAUSE)

    def applies_to(self, label: str, release: Release | None) -> bool:
        """Whether the label or its bundle is quarantined. If `release` is None, only the label is compared."""
        return self.label == label or (release is not None and self.sha256 == release.sha256)

    def reason(self, label: str, environment: str) -> str:
        """Returns the reason why the version `label` must not be deployed."""
        also = "" if self.label == label else f", which has the same bytes as {label},"
        return f"{self.label}{also} is quarantined in {environment}: {self.because}"


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """A hold or a pause.

    During a hold, drops wait until a person resumes the environment. During a pause, only urgent requests start.
    """

    by: str
    at: datetime
    because: str
    label: str | None = None
    """The version that a rollback deployed. Clean-up keeps it."""

    def __post_init__(self) -> None:
        clean(self, "by", "because", limit=MAX_BECAUSE)


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """The part of an environment's record that belongs to no single deployment."""

    environment: str
    newest: tuple[datetime, datetime, str] | None = None
    """The arrival of the newest drop whose deployment was started."""

    good: list[GoodVersion] = []
    """The good versions, the newest first. Each label occurs once."""

    unsettled: list[str] = []
    """The versions that were deployed since a version was last proven good, the newest first.

    They are recorded because a failed deployment may leave the settings of its `.ebextensions` in force.
    """

    settled_at: datetime | None = None
    """The end of the update that deployed the last good version, according to Beanstalk's clock.

    None: no version has been proven good yet.
    """

    request_ids: list[str] = []
    """The RequestIds of Wardrop's updates since `settled_at`, the oldest first."""

    quarantined: list[QuarantinedVersion] = []
    hold: Hold | None = None
    paused: Hold | None = None
    revision: int = 0
    unknown: dict[str, Any] = {}

    def started(self, arrival: tuple[datetime, datetime, str]) -> "Standing":
        return replace(self, newest=max(self.newest or arrival, arrival))

    def deploying(self, label: str) -> "Standing":
        others = [other for other in self.unsettled if other != label]
        return replace(self, unsettled=[label, *others][:MOST_UNSETTLED])

    def with_requests(self, request_ids: Sequence[str]) -> "Standing":
        return replace(self, request_ids=[*self.request_ids, *request_ids][-MOST_REQUESTS:])

    def settled(self, at: datetime) -> "Standing":
        return replace(self, unsettled=[], settled_at=at, request_ids=[])

    def with_good(self, good: GoodVersion) -> "Standing":
        others = [version for version in self.good if version.label != good.label]
        return replace(self, good=[good, *others][:MOST_GOOD])

    def with_quarantined(self, quarantined: QuarantinedVersion) -> "Standing":
        others = [version for version in self.quarantined if version.label != quarantined.label]
        return replace(self, quarantined=[quarantined, *others][:MOST_QUARANTINED])

    def without_quarantine(self, label: str, release: Release | None) -> "Standing":
        return replace(
            self, quarantined=[version for version in self.quarantined if not version.applies_to(label, release)]
        )

    def held(self, hold: Hold) -> "Standing":
        return replace(self, hold=hold)

    def rollback_targets(self, environment: Environment) -> list[GoodVersion]:
        """Returns the versions that a rollback may deploy, the newest first.

        These versions were good in this environment and on the same platform branch, and are not quarantined. Versions
        that were good only in an earlier environment of the same name are omitted.
        """
        return [
            version
            for version in self.good
            if version.environment_id == environment.id
            and branch(version.platform) == branch(environment.platform)
            and self.quarantine_of(version.label) is None
        ]

    def quarantine_of(self, label: str, release: Release | None = None) -> QuarantinedVersion | None:
        """Returns the quarantine of the label, or of another label with the same bundle."""
        return next((version for version in self.quarantined if version.applies_to(label, release)), None)
