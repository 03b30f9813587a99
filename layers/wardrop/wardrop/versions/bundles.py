"""Which bundles in the release bucket are no longer referenced."""

from collections.abc import Iterable
from datetime import datetime

from wardrop.environments.version import ApplicationVersion, key_prefix
from wardrop.versions.inventory import RegionInventory, StoredBundle, VersionRecord
from wardrop.versions.retention import RESERVATION_LASTS, Decision

ORPHAN_AGE = RESERVATION_LASTS
"""How old a bundle without a version must be.

An orphan is a copy of bytes that already had a version, or the bundle of a drop that failed. Example: a drop is copied
on 1 March, 12:00, and its processing stops there. The bundle is deleted by the first clean-up from 8 March, 12:00.
"""


def unreferenced(
    region: RegionInventory,
    deleted: Iterable[Decision],
    remaining: Iterable[ApplicationVersion],
    now: datetime,
    reserved_since: Iterable[VersionRecord] = (),
) -> list[StoredBundle]:
    """The bundles that neither a version nor a reserved label needs. Two labels may have the same bundle.

    `deleted` are the versions that this clean-up deleted: their bundles need not be old. `remaining` are all versions
    that Beanstalk has after that. `reserved_since` are the labels that the ledger has after that.
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
