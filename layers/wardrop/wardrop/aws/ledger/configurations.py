"""The ledger's records about the configurations of applications."""

from collections.abc import Sequence

from wardrop.alerts.model import Alert
from wardrop.aws.ledger.alerts import put_alert
from wardrop.aws.ledger.item import application_key, attributes_of, record_of
from wardrop.aws.ledger.table import Put, Table, has_revision
from wardrop.configuration.record import ConfigurationRecord

CONFIGURATION = "configuration"


class ConfigurationRecords:
    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, application: str) -> ConfigurationRecord:
        item = self._table.get(application_key(application, CONFIGURATION))
        return record_of(ConfigurationRecord, item) if item else ConfigurationRecord(application=application)

    def write(self, record: ConfigurationRecord, alerts: Sequence[Alert] = ()) -> None:
        """Writes the record and the alerts in one transaction. Raises Outdated if the record has changed."""
        key = application_key(record.application, CONFIGURATION)
        self._table.write(Put(key, attributes_of(record), has_revision(record.revision)), *map(put_alert, alerts))
