"""Health incidents in the ledger, one item for each environment."""

from collections.abc import Collection, Iterable

from wardrop.alerts.model import Alert
from wardrop.aws.ledger.alerts import put_alert
from wardrop.aws.ledger.item import attributes_of, environment_key, record_of
from wardrop.aws.ledger.table import Put, Table, has_revision
from wardrop.health.incident import Incident

INCIDENT = "incident"
"""The sort key. It does not begin with `now/`, so that advance_deployment does not read the item."""


class Incidents:
    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, environments: Collection[str]) -> dict[str, Incident]:
        """Returns the newest incident of each environment, whether the incident is open or closed."""
        items = self._table.get_all([environment_key(name, INCIDENT) for name in sorted(environments)])
        incidents = (record_of(Incident, item) for item in items)
        return {incident.environment: incident for incident in incidents}

    def write(self, incident: Incident, alerts: Iterable[Alert]) -> None:
        """Raises Outdated if the incident has changed since it was read."""
        active = {"active": "environment"} if incident.is_open else {}
        put = Put(
            environment_key(incident.environment, INCIDENT),
            attributes_of(incident) | active,
            has_revision(incident.revision),
        )
        self._table.write(put, *map(put_alert, alerts))
