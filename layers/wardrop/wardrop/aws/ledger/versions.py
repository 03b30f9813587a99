"""Application versions in the ledger. Each label belongs to one bundle."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from wardrop.aws.ledger.item import Key, application_key, attributes_of, record_of
from wardrop.aws.ledger.marks import FOREIGN, OWN, not_marked
from wardrop.aws.ledger.table import NEW, Check, Condition, Put, Table, Update
from wardrop.environments.settings import VersionQuotaUse
from wardrop.environments.version import Version
from wardrop.errors import NotNow, Outdated
from wardrop.structs import replace

VERSION_ROOM = Key("region", "version-room")


@dataclass(frozen=True)
class Reservation:
    """A request to reserve a version label. No other content can use a reserved label."""

    version: Version
    is_stated: bool = False
    """Whether the uploader states the label.

    A stated label always gets its own version, even if another version has the same bytes.
    """

    instead_of: str | None = None
    """A label that the ledger has for these bytes, although it refers to another bundle in Beanstalk.

    The new label replaces this label, which Wardrop cannot use. None: there is no such label.
    """


@dataclass(frozen=True)
class Reserved:
    version: Version
    is_first: bool = False
    """Whether no earlier version of this application has the same bytes."""


class Versions:
    def __init__(self, table: Table) -> None:
        self._table = table

    def find(self, application: str, label: str) -> Version | None:
        """Returns the version with this label, or None if Wardrop did not create the version or has deleted it."""
        version = self._read(application, label)
        return version if version and version.deleted_at is None else None

    def find_all(self, application: str, labels: Iterable[str]) -> dict[str, Version]:
        """Returns those of the versions that Wardrop created, keyed by label. Deleted versions are included."""
        keys = [application_key(application, f"{OWN}{label}") for label in labels]
        versions = [record_of(Version, item) for item in self._table.get_all(keys)]
        return {version.label: version for version in versions}

    def reserve(self, reservation: Reservation) -> Reserved | None:
        """Reserves the label for the version's bytes, and returns the version.

        If an earlier version has the same bytes, returns the earlier version, which may have another label. Returns
        None if the label belongs to other bytes. Raises NotNow while clean-up deletes the version.
        """
        version, instead_of = reservation.version, reservation.instead_of
        same_bytes = NEW if instead_of is None else Condition("label = :taken", {":taken": instead_of})
        try:
            self._table.write(
                Put(_key(version), attributes_of(version), NEW),
                Put(_content_key(version), {"label": version.label}, same_bytes),
                _label_is_free(version),
            )
        except Outdated:
            before = self._reserved_before(reservation)
            return Reserved(before) if before else None
        return Reserved(version, is_first=instead_of is None)

    def _reserved_before(self, reservation: Reservation) -> Version | None:
        version = reservation.version
        same_label = self._read(version.application, version.label)
        if same_label is not None and same_label.has_bytes_of(version) and version.label != reservation.instead_of:
            return self._unless_marked(same_label, version)
        content = self._table.get(_content_key(version))
        label = content["label"] if content else None
        if label is None or label == reservation.instead_of:
            return None
        first = self._read(version.application, label)
        if not reservation.is_stated:
            return self._unless_marked(first, version) if first else None
        if same_label is not None:
            return None
        return self._with_another_label(reservation, first)

    def _with_another_label(self, reservation: Reservation, first: Version | None) -> Version:
        """Reserves another label for the same bytes. Raises NotNow.

        Both versions share the first version's bundle. If that bundle is damaged or is being deleted, the second
        version has the bundle of the new drop.
        """
        version = reservation.version
        shares = (
            first is not None and reservation.instead_of is None and not first.is_being_deleted(version.reserved_at)
        )
        second, checks = version, []
        if first is not None and shares:
            second = replace(version, release=first.release)
            checks.append(Check(_key(first), not_marked(version.reserved_at)))
        try:
            self._table.write(Put(_key(second), attributes_of(second), NEW), _label_is_free(second), *checks)
        except Outdated as error:
            twin = self._read(version.application, version.label)
            if twin is None or not twin.has_bytes_of(version):
                raise NotNow(f"another change to {version.label} or to its bundle is in progress") from error
            return twin
        return second

    def _unless_marked(self, reserved: Version, version: Version) -> Version:
        if reserved.deleted_at is not None:
            return self._reserve_again(reserved, version)
        if reserved.is_being_deleted(version.reserved_at):
            raise NotNow(f"clean-up is deleting version {reserved.label}, which has the same bytes as this drop")
        return reserved

    def _reserve_again(self, deleted: Version, version: Version) -> Version:
        """Reserves the label of a deleted version for the same bytes again. Raises NotNow."""
        again = replace(version, label=deleted.label)
        still_deleted = Condition("attribute_exists(deleted_at)")
        try:
            self._table.write(Put(_key(again), attributes_of(again), still_deleted), _label_is_free(again))
        except Outdated as error:
            raise NotNow(f"version {again.label}, which has the same bytes as this drop, is being changed") from error
        return again

    def room(self) -> VersionQuotaUse | None:
        """Returns the use of the region's quota for versions, or None if it has not been recorded yet."""
        item = self._table.get(VERSION_ROOM)
        return msgspec.convert(item, VersionQuotaUse) if item else None

    def keep_room(self, room: VersionQuotaUse) -> None:
        self._table.put(Put(VERSION_ROOM, msgspec.to_builtins(room)))

    def _read(self, application: str, label: str) -> Version | None:
        item = self._table.get(version_key(application, label))
        return record_of(Version, item) if item else None


def count_drop(version: Version, at: datetime) -> Update:
    """Returns the update that counts a drop of the version.

    The condition fails if another drop was counted after the version was read, or if clean-up is deleting the version.
    Therefore, if two drops arrive at the same time, the later drop reads the deployments of the earlier drop.
    """
    unmarked = not_marked(at)
    condition = Condition(f"drops = :read AND {unmarked.expression}", {**unmarked.values, ":read": version.drops})
    return Update(_key(version), "SET drops = :next", {":next": version.drops + 1}, condition)


def version_key(application: str, label: str) -> Key:
    return application_key(application, f"{OWN}{label}")


def _key(version: Version) -> Key:
    return version_key(version.application, version.label)


def _content_key(version: Version) -> Key:
    return application_key(version.application, f"content/{version.release.sha256}")


def _label_is_free(version: Version) -> Check:
    """Checks that no clean-up is deleting a version that has this label but was created outside Wardrop."""
    return Check(application_key(version.application, f"{FOREIGN}{version.label}"), not_marked(version.reserved_at))
