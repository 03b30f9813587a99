"""The input for the decisions of a clean-up."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from wardrop.configuration.schema import VersionsConfiguration
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.standing import Standing
from wardrop.environments.model import Environment
from wardrop.environments.version import ApplicationVersion, Release

WARDROP_KEY = re.compile(r"([A-Za-z0-9._-]+)/[0-9a-f]{32}/[A-Za-z0-9._-]+")
"""Matches the keys that `release_key` creates. Clean-up ignores every other object in the release bucket."""


class VersionRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The record of a version in the ledger."""

    label: str
    release: Release | None = None
    """The bundle for which Wardrop created the version. None: Wardrop did not create the version."""

    reserved_at: datetime | None = None
    pinned_by: str | None = None
    marked_at: datetime | None = None
    """The time at which a clean-up marked the version for deletion."""


class StoredBundle(msgspec.Struct, frozen=True, kw_only=True):
    """An object version in the release bucket. `size` is in bytes."""

    key: str
    version_id: str
    size: int
    modified_at: datetime

    @property
    def prefix(self) -> str | None:
        """The first part of the key, which `key_prefix` creates. None: Wardrop did not create the object."""
        parts = WARDROP_KEY.fullmatch(self.key)
        return parts[1] if parts else None


@dataclass(frozen=True)
class Usage:
    """The environments and records that use an application's versions. A clean-up reads them again for each batch."""

    environments: Sequence[Environment]
    """The environments that are not Terminated."""

    standings: Sequence[Standing] = ()
    deployments: Sequence[Deployment] = ()
    """The active deployments."""

    missing: Sequence[str] = ()
    """The names of environments that the ledger has, but that Beanstalk does not list."""


@dataclass(frozen=True)
class ApplicationInventory:
    name: str
    versions: Sequence[ApplicationVersion]
    records: Mapping[str, VersionRecord]
    """The records, keyed by label."""

    usage: Usage
    rules: VersionsConfiguration | None
    """The retention rules. None: the application's configuration cannot be read."""

    def made_by_wardrop(self, version: ApplicationVersion) -> bool:
        """Whether the version has the bundle for which Wardrop reserved the label."""
        record = self.records.get(version.label)
        release = record.release if record else None
        return release is not None and (release.bucket, release.key) == (version.bucket, version.key)

    def records_without_version(self) -> Iterator[VersionRecord]:
        """Yields the reserved labels without a version in Beanstalk.

        The version was never created, or it was deleted outside Wardrop.
        """
        listed = {version.label for version in self.versions}
        return (record for record in self.records.values() if record.release is not None and record.label not in listed)


@dataclass(frozen=True)
class RegionInventory:
    quota: int
    versions: Sequence[ApplicationVersion]
    """The versions of all applications that Wardrop's role is allowed to read."""

    release_bucket: str
    bundles: Sequence[StoredBundle]
    applications: Sequence[ApplicationInventory]
    """The applications that this stack serves."""


def application_names(
    versions: Iterable[ApplicationVersion], environments: Iterable[Environment], bundles: Iterable[StoredBundle]
) -> list[str]:
    """Returns the names of all applications, including deleted applications whose bundles still exist."""
    names = {version.application for version in versions}
    names |= {environment.application for environment in environments}
    return sorted(names | {bundle.prefix for bundle in bundles if bundle.prefix})


def is_served(pattern: str, application: str) -> bool:
    """Whether the stack's parameter `Applications` matches the name. In the parameter, * matches any characters."""
    return re.fullmatch(".*".join(re.escape(part) for part in pattern.split("*")), application, re.DOTALL) is not None
