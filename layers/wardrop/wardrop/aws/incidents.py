"""Incidents in the ledger: one item for each environment, written together with what people are told of it."""

from collections.abc import Collection, Iterable
from typing import Any

from wardrop.alerts.model import Alert
from wardrop.aws.alerts import Alerts
from wardrop.aws.table import ACTIVE_ENVIRONMENT, as_read, environment_key, fields, key, plain, record_of
from wardrop.health.incident import Incident

INCIDENT = "incident"
"""Beside what lies under `now/`, which each look at a deployment reads."""

MOST_AT_ONCE = 100


class Incidents(Alerts):
    def of(self, environments: Collection[str]) -> dict[str, Incident]:
        """The newest of each, open or not, read consistently."""
        names, found = sorted(environments), list[Incident]()
        for start in range(0, len(names), MOST_AT_ONCE):
            keys = [key(environment_key(name), INCIDENT) for name in names[start : start + MOST_AT_ONCE]]
            wanted: Any = {self._table: {"Keys": keys, "ConsistentRead": True}}
            while wanted:
                answer = self._dynamodb.batch_get_item(RequestItems=wanted)
                found += [record_of(Incident, plain(item)) for item in answer["Responses"].get(self._table, [])]
                wanted = answer.get("UnprocessedKeys")
        return {incident.environment: incident for incident in found}

    def change(self, incident: Incident, alerts: Iterable[Alert]) -> None:
        """Raises Outdated if somebody else has judged meanwhile."""
        active = {"active": ACTIVE_ENVIRONMENT} if incident.is_open else {}
        written = self._put(
            environment_key(incident.environment), INCIDENT, fields(incident) | active, as_read(incident)
        )
        self._write(written, *(self._alert(alert) for alert in alerts))
