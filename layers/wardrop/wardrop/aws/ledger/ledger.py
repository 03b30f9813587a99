"""The ledger. The class has one attribute for each subject. `write` changes several subjects in one transaction.

docs/ledger.md has an example of each item.
"""

from collections.abc import Callable, Iterable

from wardrop.aws.ledger.alerts import Alerts, put_alert
from wardrop.aws.ledger.clean_ups import CleanUpRecord
from wardrop.aws.ledger.configurations import ConfigurationRecords
from wardrop.aws.ledger.environments import (
    Environments,
    check_standing,
    put_deployment,
    put_settings,
    put_standing,
)
from wardrop.aws.ledger.guarded_updates import GuardedUpdates
from wardrop.aws.ledger.incidents import Incidents
from wardrop.aws.ledger.item import Key, application_key
from wardrop.aws.ledger.log_requests import LogRequests
from wardrop.aws.ledger.marks import FOREIGN, OWN, Marks, not_marked
from wardrop.aws.ledger.receipts import Receipts, put_receipt
from wardrop.aws.ledger.sweeps import Sweeps
from wardrop.aws.ledger.table import Check, Table, Write
from wardrop.aws.ledger.versions import Versions, count_drop, version_key
from wardrop.deployments.change import Change
from wardrop.deployments.deployment import Deployment
from wardrop.drops.receipt import Receipt
from wardrop.environments.version import Version
from wardrop.structs import replace


def _ignore(_: Deployment) -> None: ...


class Ledger:
    def __init__(self, table: Table, report: Callable[[Deployment], None] = _ignore) -> None:
        """`report` is called with each deployment after the deployment was written."""
        self._table = table
        self._report = report
        self.alerts = Alerts(table)
        self.clean_ups = CleanUpRecord(table)
        self.configurations = ConfigurationRecords(table)
        self.environments = Environments(table)
        self.guarded_updates = GuardedUpdates(table)
        self.incidents = Incidents(table)
        self.log_requests = LogRequests(table)
        self.marks = Marks(table)
        self.receipts = Receipts(table)
        self.sweeps = Sweeps(table)
        self.versions = Versions(table)

    def write(self, change: Change, receipt: Receipt | None = None, dropped: Version | None = None) -> list[Deployment]:
        """Writes everything in one transaction. Returns the deployments of the change with their new revisions.

        If a drop makes the change, `dropped` is the version of the drop. Raises Outdated if one of these conditions is
        true:

        - A record or a standing has changed since it was read.
        - Another drop has queued the version since `dropped` was read.
        - Clean-up is deleting a version that the change needs.
        - The drop already has a receipt.
        """
        writes = [write for deployment in change.deployments for write in put_deployment(deployment)]
        writes += _versions_are_ready(change.version_must_exist, dropped)
        writes += [put_settings(environment, settings) for environment, settings in change.settings.items()]
        writes += map(check_standing, change.unchanged)
        writes += map(put_standing, change.joined)
        if change.standing is not None:
            writes.append(put_standing(change.standing))
        if receipt is not None:
            writes.append(put_receipt(receipt))
        self._table.write(*writes, *map(put_alert, change.alerts))
        for deployment in change.deployments:
            self._report(deployment)
        return [replace(written, revision=written.revision + 1) for written in change.deployments]


def _versions_are_ready(deployments: Iterable[Deployment], dropped: Version | None) -> list[Write]:
    """Returns the operations that fail if clean-up is deleting a version.

    There is one operation for each version, because a transaction must not contain two operations on one item.
    """
    dropped_key = version_key(dropped.application, dropped.label) if dropped else None
    writes: dict[Key, Write] = {}
    for deployment in deployments:
        prefix = FOREIGN if deployment.target_release is None else OWN
        key = application_key(deployment.application, f"{prefix}{deployment.target_label}")
        at = deployment.history[-1].at
        writes[key] = count_drop(dropped, at) if dropped and key == dropped_key else Check(key, not_marked(at))
    return list(writes.values())
