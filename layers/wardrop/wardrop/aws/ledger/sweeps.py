"""The state of the sweeps, which search the drop bucket for files whose events were lost."""

import msgspec

from wardrop.aws.ledger.item import Key, attributes_of
from wardrop.aws.ledger.table import Put, Table
from wardrop.drops.lost import SweepState

SWEEP = Key("drops", "sweep")


class Sweeps:
    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self) -> SweepState:
        """Reads the state. Before the first sweep, `since` is the time at which the stack created the table."""
        item = self._table.get(SWEEP)
        return msgspec.convert(item, SweepState) if item else SweepState(since=self._table.created_at())

    def write(self, state: SweepState) -> None:
        """Writes without a condition. If two sweeps overlap, a lost drop may be sent twice, which does no harm."""
        self._table.put(Put(SWEEP, attributes_of(state)))
