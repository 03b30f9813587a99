"""Finds bundles in the release bucket that no version refers to."""

from collections.abc import Iterable
from datetime import datetime

from wardrop.environments.version import ApplicationVersion, key_prefix
from wardrop.versions.inventory import RegionInventory, StoredBundle, VersionRecord
from wardrop.versions.retention import RESERVATION_LASTS, Decision

ORPHAN_AGE = RESERVATION_LASTS
"""The age at which a bundle without a version is deleted.

A bundle without a version is a copy of content that already had a version, or belongs to a failed drop. Example:
a drop fails after its bundle was copied on 1 March, 12:00. The first clean-up after 8 March, 12:00, deletes the bundle.
"""


def unreferenced(
    region: RegionInventory,
    deleted: Iterable[Decision],
    remaining: Iterable[ApplicationVersion],
    now: datetime,
    reserved_since: Iterable[VersionRecord] = (),
) -> list[StoredBundle]:
    """Returns the bundles that no version and no reserved label needs. Two labels may have the same bundle.

    `deleted` are the versions that this clean-up deleted. The bundles of these versions are returned at any age.
    `remaining` are the versions that Beanstalk still has. `reserved_since` are the labels that the ledger still has.
    """
    referenced = {version.key for version in remaining if version.bucket == region.release_bucket}
    referenced |= {record.release.key for record in reserved_since if record.release is not None}
    released: set[tuple[str, str]] = set()
    labels = {(decision.application, decision.label) for decision in deleted}
    for application in region.applications:
        for record in application.records.values():
            if record.release is None or record.release.bucket != region.release_bucket:
                continue
            if (application.name, record.label) in labels:
                released.add((record.release.key, record.release.version_id))
            else:
                referenced.add(record.release.key)
    prefixes = {key_prefix(application.name) for application in region.applications}
    return [
        bundle
        for bundle in region.bundles
        if bundle.prefix in prefixes
        and bundle.key not in referenced
        and ((bundle.key, bundle.version_id) in released or now - bundle.modified_at >= ORPHAN_AGE)
    ]
