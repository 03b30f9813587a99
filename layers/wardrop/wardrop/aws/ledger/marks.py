"""Reads and writes which application versions are pinned, and which versions are marked for deletion."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from wardrop.aws.ledger.item import Key, application_key, written_time
from wardrop.aws.ledger.table import (
    MOST_AT_ONCE,
    Check,
    Condition,
    Delete,
    Selection,
    Table,
    Update,
    Write,
)
from wardrop.environments.version import MARK_LASTS
from wardrop.errors import Outdated

if TYPE_CHECKING:
    from wardrop.versions.inventory import VersionRecord
    from wardrop.versions.retention import Decision

OWN, FOREIGN = "label/", "foreign/"
"""The prefixes of sort keys.

Versions that Wardrop created have the prefix OWN. All other versions have the prefix FOREIGN. The ledger contains a
foreign version only while the version is pinned or marked for deletion.
"""


@dataclass(frozen=True)
class Pinnable:
    """A version that can be pinned."""

    application: str
    label: str
    reserved: bool
    """Whether Wardrop reserved the label for a bundle."""


class Marks:
    def __init__(self, table: Table) -> None:
        self._table = table

    def pin(self, version: Pinnable, by: str, at: datetime) -> bool:
        """Protects the version from clean-ups. Returns False if a clean-up is deleting the version."""
        update = "SET pinned_by = :by REMOVE marked_at"
        return self._table.update(Update(_key(version), update, {":by": by}, not_marked(at)))

    def unpin(self, version: Pinnable) -> None:
        is_pinned = Condition("attribute_exists(pinned_by)")
        self._table.update(Update(_key(version), "REMOVE pinned_by", condition=is_pinned))

    def version_records(self, application: str) -> "dict[str, VersionRecord]":
        """Returns the versions that are not deleted, keyed by label."""
        from wardrop.versions.inventory import VersionRecord  # imported here, because only a clean-up needs it

        selection = Selection(
            ["sk", "release", "reserved_at", "pinned_by", "marked_at"], Condition("attribute_not_exists(deleted_at)")
        )
        records = {}
        for prefix in (OWN, FOREIGN):
            for item in self._table.query(application_key(application, "").pk, prefix, selection):
                label = item["sk"].removeprefix(prefix)
                records[label] = msgspec.convert(item | {"label": label}, VersionRecord)
        return records

    def mark_for_deletion(self, decisions: "Sequence[Decision]", at: datetime) -> "list[Decision]":
        """Marks the versions for deletion, except for pinned versions. Returns the marked versions.

        A drop, a command or a rollback may write a record that needs a version. Every such write has the condition that
        the version is not marked. Clean-up marks versions before it reads the records that need versions. Therefore
        either clean-up reads the new record, or DynamoDB refuses to write it.
        """
        free = Condition("attribute_not_exists(pinned_by) AND attribute_not_exists(deleted_at)")

        def writes(decision: "Decision") -> list[Write]:
            mark = Update(_key(decision), "SET marked_at = :at", {":at": written_time(at)}, free)
            return [mark] if decision.reserved else [mark, _not_reserved_since(decision)]

        return self._write_each(decisions, writes)

    def unmark(self, decisions: "Sequence[Decision]") -> None:
        marked = Condition("attribute_exists(marked_at)")
        self._write_each(decisions, lambda decision: [Update(_key(decision), "REMOVE marked_at", condition=marked)])

    def record_deleted(self, decisions: "Sequence[Decision]", marked_at: datetime, at: datetime) -> None:
        """Records that versions were deleted.

        If the label of a version is reserved, it stays reserved. Otherwise the item of the version is deleted.
        """
        still_marked = Condition("marked_at = :marked", {":marked": written_time(marked_at)})
        deleted, times = "SET deleted_at = :at REMOVE marked_at, settings, unread", {":at": written_time(at)}

        def writes(decision: "Decision") -> list[Write]:
            if decision.reserved:
                return [Update(_key(decision), deleted, times, still_marked)]
            return [Delete(_key(decision), still_marked)]

        self._write_each(decisions, writes)

    def _write_each(
        self, decisions: "Sequence[Decision]", writes: "Callable[[Decision], list[Write]]"
    ) -> "list[Decision]":
        """Writes the decisions in as few transactions as possible, and returns the written decisions.

        If a condition of a transaction is not met, writes its decisions one by one.
        """
        written: list[Decision] = []
        for start in range(0, len(decisions), MOST_AT_ONCE // 2):
            batch = decisions[start : start + MOST_AT_ONCE // 2]
            try:
                self._table.write(*(write for decision in batch for write in writes(decision)))
                written += batch
            except Outdated:
                if len(batch) > 1:
                    written += [decision for decision in batch if self._write_each([decision], writes)]
        return written


def not_marked(at: datetime) -> Condition:
    """Returns the condition that the version is not deleted and not marked for deletion.

    A mark that is older than MARK_LASTS does not count.
    """
    return Condition(
        "attribute_not_exists(deleted_at) AND (attribute_not_exists(marked_at) OR marked_at < :oldest)",
        {":oldest": written_time(at - MARK_LASTS)},
    )


def _not_reserved_since(decision: "Decision") -> Check:
    """Returns the check that Wardrop has not reserved the label since the decision."""
    own = application_key(decision.application, f"{OWN}{decision.label}")
    return Check(own, Condition("attribute_not_exists(pk) OR attribute_exists(deleted_at)"))


def _key(version: "Pinnable | Decision") -> Key:
    return application_key(version.application, f"{OWN if version.reserved else FOREIGN}{version.label}")
