"""Application versions and their bundles."""

import re
from datetime import datetime, timedelta
from typing import Any

import msgspec

from wardrop.environments.option import OptionSetting, ResourceOverride
from wardrop.environments.origin import Origin

MARK_LASTS = timedelta(minutes=20)
"""The time for which a mark for deletion prevents the deployment of a version.

A clean-up takes at most 15 minutes, so an older mark is from a clean-up that was killed. Example: a version is marked
at 12:00:00, and the clean-up is killed at 12:00:05. A deployment of the version is refused until 12:20:00.
"""


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """A bundle in the release bucket.

    The S3 object is written once and never overwritten. S3 computes `sha256`, which is in hexadecimal form.
    """

    bucket: str
    key: str
    version_id: str
    sha256: str

    @property
    def place(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


class ApplicationVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A version that Beanstalk lists. AWS's sample application has no bundle."""

    application: str
    label: str
    created_at: datetime
    bucket: str | None = None
    key: str | None = None

    @property
    def place(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """An application version that Wardrop has created or is about to create, with the settings in its bundle."""

    application: str
    label: str
    description: str
    release: Release
    drop: str
    reserved_at: datetime
    origin: Origin | None = None
    settings: list[OptionSetting] = []
    resources: list[ResourceOverride] = []
    unread: list[str] = []
    pinned_by: str | None = None
    """The user who pinned the version. None: the version is not pinned."""

    marked_at: datetime | None = None
    """The time at which a clean-up marked the version for deletion. The version cannot be deployed for MARK_LASTS."""

    deleted_at: datetime | None = None
    """The time at which a clean-up deleted the version. The label stays reserved for the same content."""

    drops: int = 0
    """The number of drops that have queued deployments of the version."""

    unknown: dict[str, Any] = {}

    def has_bytes_of(self, other: "Version") -> bool:
        return self.release.sha256 == other.release.sha256

    def is_being_deleted(self, at: datetime) -> bool:
        """Whether clean-up has deleted the version or is deleting it."""
        marked = self.marked_at is not None and at - self.marked_at < MARK_LASTS
        return self.deleted_at is not None or marked


def key_prefix(application: str) -> str:
    """Returns the prefix of the keys of an application's bundles. Applications with similar names may share a prefix.

    The prefix is never `.` or `..`, because some clients interpret these names as folders.
    """
    prefix = plain(application)
    return prefix if prefix.strip(".") else prefix.replace(".", "-")


def plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text)
