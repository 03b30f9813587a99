"""The ledger's records of requests for instance logs. An environment has at most one request."""

from wardrop.alerts.model import Alert
from wardrop.aws.ledger.alerts import put_alert
from wardrop.aws.ledger.environments import ACTIVE, LOG_REQUEST, put_explained
from wardrop.aws.ledger.item import attributes_of, environment_key
from wardrop.aws.ledger.table import Delete, Put, Table, Write, has_revision
from wardrop.deployments.deployment import Deployment
from wardrop.evidence.log_request import LogRequest


class LogRequests:
    def __init__(self, table: Table) -> None:
        self._table = table

    def write(self, request: LogRequest) -> None:
        """Raises Outdated if the environment already has a request."""
        key = environment_key(request.environment, LOG_REQUEST)
        self._table.write(Put(key, attributes_of(request) | ACTIVE, has_revision(request.revision)))

    def finish(self, request: LogRequest, explained: Deployment | None = None, alert: Alert | None = None) -> None:
        """Deletes the request, and writes the explained deployment and the alert. Raises Outdated."""
        key = environment_key(request.environment, LOG_REQUEST)
        writes: list[Write] = [Delete(key, has_revision(request.revision))]
        if explained is not None:
            writes.append(put_explained(explained))
        if alert is not None:
            writes.append(put_alert(alert))
        self._table.write(*writes)
