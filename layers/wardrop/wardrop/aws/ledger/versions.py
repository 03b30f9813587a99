"""Application versions in the ledger: which label belongs to which bundle."""

import msgspec

from wardrop.aws.ledger.item import Key, application_key, attributes_of, record_of
from wardrop.aws.ledger.marks import FOREIGN, OWN, not_marked
from wardrop.aws.ledger.table import NEW, Check, Condition, Put, Table
from wardrop.environments.settings import VersionQuotaUse
from wardrop.environments.version import MARK_LASTS, Version
from wardrop.errors import NotNow, Outdated
from wardrop.structs import replace

VERSION_ROOM = Key("region", "version-room")


class Versions:
    def __init__(self, table: Table) -> None:
        self._table = table

    def find(self, application: str, label: str) -> Version | None:
        """None if Wardrop did not make the version, or has deleted it."""
        version = self._read(application, label)
        return version if version and version.deleted_at is None else None

    def reserve(self, version: Version, instead_of: str | None = None) -> Version | None:
        """Reserves the label for the bytes of the bundle.

        Returns the version of these bytes: the new one, or one that was reserved before, maybe with another
        label. None: the label belongs to other bytes. `instead_of` is the label that these bytes had until Beanstalk
        turned out to have another bundle under it. Raises NotNow while clean-up deletes the version.
        """
        content = application_key(version.application, f"content/{version.release.sha256}")
        same_bytes = NEW if instead_of is None else Condition("label = :taken", {":taken": instead_of})
        try:
            self._table.write(
                Put(_key(version), attributes_of(version), NEW),
                Put(content, {"label": version.label}, same_bytes),
                _label_is_free(version),
            )
        except Outdated:
            item = self._table.get(content)
            label = item["label"] if item else None
            if label is None or label == instead_of:
                return None
            return self._reserved_before(version, label)
        return version

    def _reserved_before(self, version: Version, label: str) -> Version | None:
        reserved = self._read(version.application, label)
        if reserved is None:
            return None
        if reserved.deleted_at is not None:
            return self._reserve_again(reserved, version)
        if reserved.marked_at is not None and version.reserved_at - reserved.marked_at < MARK_LASTS:
            raise NotNow(f"clean-up is deleting {label}, which has the same bytes")
        return reserved

    def _reserve_again(self, deleted: Version, version: Version) -> Version:
        """Reserves the label of a deleted version for the same bytes again. Raises NotNow."""
        again = replace(version, label=deleted.label)
        still_deleted = Condition("attribute_exists(deleted_at)")
        try:
            self._table.write(Put(_key(again), attributes_of(again), still_deleted), _label_is_free(again))
        except Outdated as error:
            raise NotNow(f"another change of {again.label}, which has the same bytes, is in progress") from error
        return again

    def room(self) -> VersionQuotaUse | None:
        """How many versions the region may have; None if nobody has looked yet."""
        item = self._table.get(VERSION_ROOM)
        return msgspec.convert(item, VersionQuotaUse) if item else None

    def keep_room(self, room: VersionQuotaUse) -> None:
        self._table.put(Put(VERSION_ROOM, msgspec.to_builtins(room)))

    def _read(self, application: str, label: str) -> Version | None:
        item = self._table.get(application_key(application, f"{OWN}{label}"))
        return record_of(Version, item) if item else None


def _key(version: Version) -> Key:
    return application_key(version.application, f"{OWN}{version.label}")


def _label_is_free(version: Version) -> Check:
    """Clean-up is not deleting a version of the same label that Wardrop did not make."""
    return Check(application_key(version.application, f"{FOREIGN}{version.label}"), not_marked(version.reserved_at))
