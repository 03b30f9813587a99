"""Versions, bundles and inventories for the tests of clean-up."""

from datetime import timedelta
from typing import Any

from tests.unit.samples import NOW, environment, release, standing
from wardrop.configuration.duration import Duration
from wardrop.configuration.schema import VersionsConfiguration
from wardrop.environments.version import ApplicationVersion
from wardrop.versions.inventory import ApplicationInventory, StoredBundle, Usage, VersionRecord

ONLY_FIXED_RULES = VersionsConfiguration(keep_last=0, keep_for=Duration(0), keep_good_per_environment=1)
"""Every rule that can be turned off is off."""


def days(count: float) -> timedelta:
    return timedelta(days=count)


def key(label: str, application: str = "shop") -> str:
    return f"{application}/{'0' * 32}/{label}.war"


def listed(label: str, age: float = 100, **differs: Any) -> ApplicationVersion:
    """A version as Beanstalk lists it. `age` is in days."""
    plain: dict[str, Any] = {"application": "shop", "bucket": "releases", "key": key(label)}
    return ApplicationVersion(label=label, created_at=NOW - days(age), **(plain | differs))


def record(label: str, **differs: Any) -> VersionRecord:
    plain: dict[str, Any] = {"release": release(key=key(label)), "reserved_at": NOW - days(100)}
    return VersionRecord(label=label, **(plain | differs))


def stored(label: str = "old", **differs: Any) -> StoredBundle:
    plain: dict[str, Any] = {"key": key(label), "version_id": "r1", "size": 7, "modified_at": NOW - days(8)}
    return StoredBundle(**(plain | differs))


def usage(**differs: Any) -> Usage:
    """One environment runs the version `live`."""
    plain: dict[str, Any] = {"environments": [environment(version_label="live")], "standings": [standing()]}
    return Usage(**(plain | differs))


def application(*versions: ApplicationVersion, **differs: Any) -> ApplicationInventory:
    """Wardrop made all versions."""
    plain: dict[str, Any] = {
        "name": "shop",
        "versions": versions,
        "records": {version.label: record(version.label) for version in versions},
        "usage": usage(),
        "rules": ONLY_FIXED_RULES,
    }
    return ApplicationInventory(**(plain | differs))
