"""The last valid configuration of each application."""

import msgspec

from wardrop.aws.ledger.item import application_key, attributes_of
from wardrop.aws.ledger.table import Put, Table
from wardrop.configuration.parameter import Document

CONFIGURATION = "configuration"


class LastConfigurations:
    def __init__(self, table: Table) -> None:
        self._table = table

    def find(self, application: str) -> Document | None:
        item = self._table.get(application_key(application, CONFIGURATION))
        return msgspec.convert(item, Document) if item else None

    def keep(self, application: str, document: Document) -> None:
        self._table.put(Put(application_key(application, CONFIGURATION), attributes_of(document)))
