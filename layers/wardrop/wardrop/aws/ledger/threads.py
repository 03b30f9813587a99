"""Reads and writes the records of Slack messages.

A record belongs to one channel, and to one deployment or incident.
"""

from wardrop.aws.ledger.item import Key, attributes_of, record_of
from wardrop.aws.ledger.table import Put, Table
from wardrop.slack.thread import Thread


class Threads:
    """The records of Slack messages. Each channel has one writer at a time, so the writes need no condition."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, channel: str, subject: str) -> Thread:
        item = self._table.get(Key(f"slack/{channel}", subject))
        return record_of(Thread, item) if item else Thread()

    def keep(self, channel: str, subject: str, thread: Thread) -> None:
        self._table.put(Put(Key(f"slack/{channel}", subject), attributes_of(thread)))
