"""The records of environments in the ledger: standing, deployment settings, and deployments.

The standing contains the good and the quarantined versions, the hold and the pause.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from wardrop.aws.ledger.incidents import INCIDENT
from wardrop.aws.ledger.item import attributes_of, environment_key, record_of
from wardrop.aws.ledger.table import Check, Delete, Put, Table, Write, has_revision
from wardrop.deployments.change import ActiveEnvironments, EnvironmentRecord
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.standing import Standing
from wardrop.environments.settings import DeploymentSettings, SettingsReading
from wardrop.evidence.log_request import LogRequest
from wardrop.guard.guarded_update import GuardedUpdate

NOW = "now/"
STANDING, SETTINGS, ACTIVE_DEPLOYMENT = f"{NOW}standing", f"{NOW}settings", f"{NOW}deployment/"
GUARDED_UPDATE, LOG_REQUEST = f"{NOW}guarded-update", f"{NOW}log-request"
FINISHED_DEPLOYMENT = "past/deployment/"
ACTIVE = {"active": "environment"}
"""The attribute of all items in the index `active`.

The index contains active deployments, settings, open incidents, updates to abort, and requests for logs. The sort key
of an item shows its kind.
"""


class Environments:
    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, name: str) -> EnvironmentRecord:
        """Reads the record with one query.

        The cost of the query does not depend on the number of finished deployments.
        """
        return _record(name, self._table.query(_partition(name), NOW))

    def read_all(self, names: Sequence[str]) -> dict[str, EnvironmentRecord]:
        """Returns the records, keyed by name.

        Reads environments that have active deployments one by one, and all other environments in batches. The index
        that shows the active deployments is eventually consistent. Therefore, a record may lack a deployment that has
        just been queued.
        """
        busy = self._busy() & set(names)
        idle = [name for name in names if name not in busy]
        keys = [environment_key(name, sk) for name in idle for sk in (STANDING, SETTINGS)]
        by_name: dict[str, list[dict[str, Any]]] = {name: [] for name in idle}
        for item in self._table.get_all(keys):
            by_name[item["environment"]].append(item)
        records = {name: _record(name, items) for name, items in by_name.items()}
        return records | {name: self.read(name) for name in sorted(busy)}

    def _busy(self) -> set[str]:
        items = self._table.active(ACTIVE["active"], ["environment", "sk"])
        return {item["environment"] for item in items if item["sk"].startswith(ACTIVE_DEPLOYMENT)}

    def find(self, name: str, deployment_id: str) -> Deployment | None:
        """Returns an active or finished deployment, or None if the ledger does not contain the deployment."""
        keys = (f"{ACTIVE_DEPLOYMENT}{deployment_id}", f"{FINISHED_DEPLOYMENT}{deployment_id}")
        items = (self._table.get(environment_key(name, key)) for key in keys)
        return next((record_of(Deployment, item) for item in items if item), None)

    def history(self, name: str, most: int = 20) -> list[Deployment]:
        """Returns the newest finished deployments, newest first."""
        items = self._table.last(_partition(name), FINISHED_DEPLOYMENT, most)
        return [record_of(Deployment, item) for item in items]

    def active(self) -> ActiveEnvironments:
        items = self._table.active(ACTIVE["active"], ["environment", "sk", "at", "environment_updated_at", "alarms"])

        def names(prefix: str) -> set[str]:
            return {item["environment"] for item in items if item["sk"].startswith(prefix)}

        readings = {
            item["environment"]: msgspec.convert(item, SettingsReading) for item in items if item["sk"] == SETTINGS
        }
        return ActiveEnvironments(
            deploying=names(ACTIVE_DEPLOYMENT),
            with_settings=readings,
            with_incidents=names(INCIDENT),
            aborting=names(GUARDED_UPDATE),
            alarms={
                item["environment"]: item["alarms"]["entries"]
                for item in items
                if item["sk"].startswith(ACTIVE_DEPLOYMENT) and item.get("alarms")
            },
            explaining=names(LOG_REQUEST),
        )

    def keep_settings(self, name: str, settings: DeploymentSettings) -> None:
        self._table.put(put_settings(name, settings))

    def forget_settings(self, name: str) -> None:
        self._table.delete(Delete(environment_key(name, SETTINGS)))


def _record(name: str, items: Iterable[dict[str, Any]]) -> EnvironmentRecord:
    standing, settings, guarded, log_request = Standing(environment=name), None, None, None
    deployments: list[Deployment] = []
    for item in items:
        match item["sk"]:
            case "now/standing":
                standing = record_of(Standing, item)
            case "now/settings":
                settings = msgspec.convert(item, DeploymentSettings)
            case "now/guarded-update":
                guarded = record_of(GuardedUpdate, item)
            case "now/log-request":
                log_request = record_of(LogRequest, item)
            case _:
                deployments.append(record_of(Deployment, item))
    return EnvironmentRecord(standing, deployments, settings, guarded, log_request)


def put_deployment(deployment: Deployment) -> list[Write]:
    """Returns the write operations for a deployment.

    When the deployment has finished, its key changes from the prefix `now/` to the prefix `past/`.
    """
    unchanged = has_revision(deployment.revision)
    active = environment_key(deployment.environment, f"{ACTIVE_DEPLOYMENT}{deployment.id}")
    if deployment.is_active:
        return [Put(active, attributes_of(deployment) | ACTIVE, unchanged)]
    finished = environment_key(deployment.environment, f"{FINISHED_DEPLOYMENT}{deployment.id}")
    return [Delete(active, unchanged), Put(finished, attributes_of(deployment))]


def put_explained(deployment: Deployment) -> Put:
    """Returns the write operation for a deployment whose explanation was completed.

    The deployment may already have finished.
    """
    prefix, index = (ACTIVE_DEPLOYMENT, ACTIVE) if deployment.is_active else (FINISHED_DEPLOYMENT, {})
    key = environment_key(deployment.environment, f"{prefix}{deployment.id}")
    return Put(key, attributes_of(deployment) | index, has_revision(deployment.revision))


def put_standing(standing: Standing) -> Put:
    return Put(
        environment_key(standing.environment, STANDING), attributes_of(standing), has_revision(standing.revision)
    )


def check_standing(standing: Standing) -> Check:
    return Check(environment_key(standing.environment, STANDING), has_revision(standing.revision))


def put_settings(name: str, settings: DeploymentSettings) -> Put:
    """Returns the write operation for settings. It has no condition, because the settings read last are correct."""
    attributes: dict[str, Any] = msgspec.to_builtins(settings)
    return Put(environment_key(name, SETTINGS), attributes | ACTIVE | {"environment": name})


def _partition(name: str) -> str:
    return environment_key(name, "").pk
