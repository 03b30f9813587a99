"""The last valid configuration of each application, in the ledger."""

from wardrop.aws.ledger.item import application_key
from wardrop.aws.ledger.table import Put, Table

CONFIGURATION = "configuration"


class LastConfigurations:
    def __init__(self, table: Table) -> None:
        self._table = table

    def find(self, application: str) -> str | None:
        item = self._table.get(application_key(application, CONFIGURATION))
        return str(item["text"]) if item else None

    def keep(self, application: str, text: str) -> None:
        self._table.put(Put(application_key(application, CONFIGURATION), {"text": text}))
