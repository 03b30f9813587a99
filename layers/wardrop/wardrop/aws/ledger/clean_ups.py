"""The record of the last clean-up, and the lock that allows only one clean-up at a time."""

from datetime import datetime

import msgspec

from wardrop.aws.ledger.item import Key, written_time
from wardrop.aws.ledger.table import Condition, Table, Update

CLEAN_UP = Key("clean-up", "state")


class CleanUp(msgspec.Struct, frozen=True, kw_only=True):
    completed: datetime | None = None
    """The time at which the last clean-up started.

    None: no clean-up has run yet, or the last clean-up did not finish its work.
    """

    running_until: datetime | None = None
    """The time at which the lock expires if the running clean-up is killed. None: no clean-up is running."""


class CleanUpRecord:
    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self) -> CleanUp:
        item = self._table.get(CLEAN_UP)
        return msgspec.convert(item, CleanUp) if item else CleanUp()

    def begin(self, now: datetime, until: datetime) -> bool:
        """Takes the lock. Returns False if another clean-up has the lock, and the lock has not expired."""
        free = Condition("attribute_not_exists(running_until) OR running_until < :now", {":now": written_time(now)})
        return self._table.update(Update(CLEAN_UP, "SET running_until = :until", {":until": written_time(until)}, free))

    def end(self, completed: datetime | None) -> None:
        """Releases the lock. `completed` is the start of the clean-up, or None if the clean-up did not finish its work.

        In the latter case, the start of an earlier clean-up is also removed, so that the next scheduled run continues.
        """
        if completed is None:
            self._table.update(Update(CLEAN_UP, "REMOVE running_until, completed"))
        else:
            self._table.update(
                Update(CLEAN_UP, "REMOVE running_until SET completed = :began", {":began": written_time(completed)})
            )
