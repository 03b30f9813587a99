"""When clean-ups ran, in the ledger; and the lock that lets one clean-up run at a time."""

from datetime import datetime

import msgspec

from wardrop.aws.ledger.item import Key, written_time
from wardrop.aws.ledger.table import Condition, Table, Update

CLEAN_UP = Key("clean-up", "state")


class CleanUp(msgspec.Struct, frozen=True, kw_only=True):
    completed: datetime | None = None
    """When the last clean-up began that left no work over."""

    running_until: datetime | None = None
    """When the clean-up that is running will have ended, even if it is killed."""


class CleanUpRecord:
    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self) -> CleanUp:
        item = self._table.get(CLEAN_UP)
        return msgspec.convert(item, CleanUp) if item else CleanUp()

    def begin(self, now: datetime, until: datetime) -> bool:
        """False if another clean-up is running. One that was killed counts as running until its time is over."""
        free = Condition("attribute_not_exists(running_until) OR running_until < :now", {":now": written_time(now)})
        return self._table.update(Update(CLEAN_UP, "SET running_until = :until", {":until": written_time(until)}, free))

    def end(self, completed: datetime | None) -> None:
        """`completed`: the beginning of a clean-up that left no work over; None if it left some."""
        if completed is None:
            self._table.update(Update(CLEAN_UP, "REMOVE running_until"))
        else:
            self._table.update(
                Update(CLEAN_UP, "REMOVE running_until SET completed = :began", {":began": written_time(completed)})
            )
