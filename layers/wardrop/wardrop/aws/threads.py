"""What Slack has been told, in the ledger's table."""

from wardrop.aws.table import Table, fields, record_of
from wardrop.slack.thread import Thread


class Threads(Table):
    """A message group's posts are made one after the other, so nobody else writes a thread meanwhile."""

    def read(self, channel: str, subject: str) -> Thread:
        item = self._get(f"slack/{channel}", subject)
        return record_of(Thread, item) if item else Thread()

    def keep(self, channel: str, subject: str, thread: Thread) -> None:
        self._dynamodb.put_item(**self._put(f"slack/{channel}", subject, fields(thread))["Put"])
