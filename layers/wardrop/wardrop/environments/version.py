"""A version and its bundle, as Wardrop keeps them."""

import re
from datetime import datetime, timedelta
from typing import Any

import msgspec

from wardrop.environments.option import OptionSetting, ResourceOverride
from wardrop.environments.replacement import replaces_instances

MARK_LASTS = timedelta(minutes=20)
"""How long a version that is marked for deletion cannot be deployed.

A clean-up may take 15 minutes, so an older mark was left by a clean-up that was killed. Example: a version is marked
at 12:00:00, and the clean-up is killed at 12:00:05. A deployment of the version is refused until 12:20:00.
"""


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """A bundle in the release bucket, under a key that is written once; `sha256` is S3's own, in hex."""

    bucket: str
    key: str
    version_id: str
    sha256: str

    @property
    def place(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


class ApplicationVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A version as Beanstalk lists it. The version of AWS's sample application has no bundle."""

    application: str
    label: str
    created_at: datetime
    bucket: str | None = None
    key: str | None = None


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """An application version that Wardrop made, or is about to make, with what its bundle brings along."""

    application: str
    label: str
    description: str
    release: Release
    drop: str
    reserved_at: datetime
    settings: list[OptionSetting] = []
    resources: list[ResourceOverride] = []
    unread: list[str] = []
    pinned_by: str | None = None
    """Who asked for the version to be kept, if somebody did."""

    marked_at: datetime | None = None
    """When a clean-up marked it for deletion; for `MARK_LASTS` it cannot be deployed."""

    deleted_at: datetime | None = None
    """When clean-up deleted it. The label stays that of these bytes; dropped again, they get it again."""

    drops: int = 0
    """How many drops have queued deployments of it."""

    unknown: dict[str, Any] = {}

    def has_bytes_of(self, other: "Version") -> bool:
        return self.release.sha256 == other.release.sha256

    def is_leaving(self, at: datetime) -> bool:
        """Clean-up has deleted it, or is deleting it."""
        marked = self.marked_at is not None and at - self.marked_at < MARK_LASTS
        return self.deleted_at is not None or marked

    @property
    def replacing_options(self) -> list[str]:
        """The settings that make Beanstalk replace instances if they differ from what is in force."""
        return [
            f"{setting.namespace}:{setting.option}={setting.value}"
            for setting in self.settings
            if replaces_instances(setting.key)
        ]


def key_prefix(application: str) -> str:
    """The prefix of the keys of its bundles; applications with similar names may share a prefix."""
    return plain(application)


def plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text)
