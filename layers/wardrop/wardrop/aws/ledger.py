"""The ledger: what is kept in the table of releases, deployments and environments, under keys of its own.

docs/architecture.md has the keys. A change that people should know of is one transaction with its alert.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from wardrop.aws.alerts import Alerts
from wardrop.aws.incidents import INCIDENT
from wardrop.aws.marks import FOREIGN, OWN, not_marked
from wardrop.aws.table import ACTIVE_ENVIRONMENT, NEW, application_key, as_read, environment_key, fields, key, record_of
from wardrop.deployments.change import Change
from wardrop.deployments.deployment import Deployment
from wardrop.deployments.standing import Standing
from wardrop.drops.receipt import Receipt
from wardrop.environments.policy import Preflight, VersionRoom
from wardrop.environments.version import MARK_LASTS, Version
from wardrop.errors import NotNow, Outdated

STANDING = "now/standing"
PREFLIGHT = "now/preflight"
DEPLOYMENTS = "now/deployment/"
REGION, VERSION_ROOM = "region", "version-room"


@dataclass(frozen=True)
class Now:
    """An environment's standing, settings and active deployments, read consistently."""

    standing: Standing
    deployments: list[Deployment]
    preflight: Preflight | None = None


@dataclass(frozen=True)
class Active:
    """Names of environments, a moment old maybe: they serve to wake and to look, never to decide."""

    deployments: set[str]
    preflights: set[str]
    incidents: set[str]


class Ledger(Alerts):
    # Drops

    def receipt(self, drop: str) -> Receipt | None:
        item = self._get(f"drop/{drop}", "receipt")
        return msgspec.convert(item, Receipt) if item else None

    # Versions

    def reserve(self, version: Version, instead_of: str | None = None) -> Version | None:
        """Keep a label for these bytes.

        Returns the version that has the label and these bytes: this one, or the one that was there before,
        under whatever label. None if the label stands for other bytes. `instead_of` is the label that these
        bytes had until it turned out to be taken in Beanstalk.
        """
        partition = application_key(version.application)
        content_key = f"content/{version.release.sha256}"
        same_bytes: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
        if instead_of is not None:
            same_bytes = {
                "ConditionExpression": "label = :taken",
                "ExpressionAttributeValues": {":taken": {"S": instead_of}},
            }
        try:
            self._write(
                self._put(partition, f"label/{version.label}", fields(version), NEW),
                self._put(partition, content_key, {"label": version.label}, same_bytes),
                self._free_label(version),
            )
        except Outdated:
            content = self._get(partition, content_key)
            label = content.get("label") if content else None
            if label is None or label == instead_of:
                return None
            item = self._get(partition, f"label/{label}")
            found = record_of(Version, item) if item else None
            if found is not None and found.deleted_at is not None:
                return self._revive(found, version)
            if found is not None and found.marked_at is not None and version.reserved_at - found.marked_at < MARK_LASTS:
                raise NotNow(f"clean-up is deleting {label}, which has the same bytes") from None
            return found
        return version

    def _revive(self, deleted: Version, version: Version) -> Version:
        """The label is still that of these bytes; their bundle and their version are made anew. Raises NotNow."""
        again = msgspec.structs.replace(version, label=deleted.label)
        still = {"ConditionExpression": "attribute_exists(deleted_at)"}
        put = self._put(application_key(again.application), f"{OWN}{again.label}", fields(again), still)
        try:
            self._write(put, self._free_label(again))
        except Outdated as error:
            raise NotNow(f"somebody else is at {again.label}, which has the same bytes") from error
        return again

    def _free_label(self, version: Version) -> Any:
        """Clean-up is not deleting what somebody else made under this label."""
        foreign = key(application_key(version.application), f"{FOREIGN}{version.label}")
        return {"ConditionCheck": {"TableName": self._table, "Key": foreign, **not_marked(version.reserved_at)}}

    def version(self, application: str, label: str) -> Version | None:
        """None for a version that Wardrop did not make, or has deleted."""
        item = self._get(application_key(application), f"label/{label}")
        found = record_of(Version, item) if item else None
        return found if found and found.deleted_at is None else None

    # Configuration

    def keep_configuration(self, application: str, text: str) -> None:
        """The last one that could be read."""
        put = self._put(application_key(application), "configuration", {"text": text})["Put"]
        self._dynamodb.put_item(**put)

    def configuration(self, application: str) -> str | None:
        item = self._get(application_key(application), "configuration")
        return str(item["text"]) if item else None

    # Environments and their deployments

    def now(self, environment: str) -> Now:
        """Reads as much as is active, however long the history."""
        standing, found = Standing(environment=environment), None
        deployments: list[Deployment] = []
        for item in self._query(environment_key(environment), "now/"):
            match item["sk"]:
                case "now/standing":
                    standing = record_of(Standing, item)
                case "now/preflight":
                    found = msgspec.convert(item, Preflight)
                case _:
                    deployments.append(record_of(Deployment, item))
        return Now(standing, deployments, found)

    def keep_preflight(self, environment: str, found: Preflight) -> None:
        """Whoever reads the settings last is right, so nothing guards it."""
        self._dynamodb.put_item(**self._preflight(environment, found)["Put"])

    def forget_preflight(self, environment: str) -> None:
        self._dynamodb.delete_item(TableName=self._table, Key=key(environment_key(environment), PREFLIGHT))

    def keep_version_room(self, room: VersionRoom) -> None:
        self._dynamodb.put_item(**self._put(REGION, VERSION_ROOM, msgspec.to_builtins(room))["Put"])

    def version_room(self) -> VersionRoom | None:
        item = self._get(REGION, VERSION_ROOM)
        return msgspec.convert(item, VersionRoom) if item else None

    def history(self, environment: str, most: int = 20) -> list[Deployment]:
        """The newest finished deployments, newest first."""
        found = self._query(environment_key(environment), "past/deployment/", most, forward=False)
        return [record_of(Deployment, item) for item in found]

    def watched(self) -> Active:
        """Environments with active deployments, with settings that are kept, and with open incidents."""
        found = self._indexed(ACTIVE_ENVIRONMENT, "environment, sk")

        def under(beginning: str) -> set[str]:
            return {item["environment"] for item in found if item["sk"].startswith(beginning)}

        return Active(under(DEPLOYMENTS), under(PREFLIGHT), under(INCIDENT))

    def active(self) -> set[str]:
        """Environments with active deployments."""
        return self.watched().deployments

    def write(self, change: Change, receipt: Receipt | None = None) -> list[Deployment]:
        """Write all of it in one transaction; returns the change's deployments as they are in the ledger then.

        Raises Outdated if one of its records or of the standings it rests on has changed since it was read,
        if clean-up is deleting a version that it needs, or if the drop has its receipt already.
        """
        writes = [write for deployment in change.deployments for write in self._moved(deployment)]
        writes += self._lasting(change.version_must_exist)
        if change.standing is not None:
            writes.append(self._standing(change.standing))
        writes += [self._preflight(environment, settings) for environment, settings in change.settings.items()]
        for standing in change.unchanged:
            checked = key(environment_key(standing.environment), STANDING)
            writes.append({"ConditionCheck": {"TableName": self._table, "Key": checked, **as_read(standing)}})
        if receipt is not None:
            writes.append(self._receipt(receipt))
        self._write(*writes, *(self._alert(alert) for alert in change.alerts))
        return [msgspec.structs.replace(written, revision=written.revision + 1) for written in change.deployments]

    # Items

    def _receipt(self, receipt: Receipt) -> Any:
        return self._put(f"drop/{receipt.drop}", "receipt", fields(receipt), NEW)

    def _deployment(self, deployment: Deployment) -> Any:
        return self._put(
            environment_key(deployment.environment),
            f"now/deployment/{deployment.id}",
            fields(deployment) | {"active": ACTIVE_ENVIRONMENT},
            as_read(deployment),
        )

    def _moved(self, deployment: Deployment) -> list[Any]:
        """An active deployment where it is, a finished one from `now/` to `past/`."""
        if deployment.is_active:
            return [self._deployment(deployment)]
        partition = environment_key(deployment.environment)
        left = key(partition, f"now/deployment/{deployment.id}")
        return [
            {"Delete": {"TableName": self._table, "Key": left, **as_read(deployment)}},
            self._put(partition, f"past/deployment/{deployment.id}", fields(deployment)),
        ]

    def _lasting(self, deployments: Iterable[Deployment]) -> list[Any]:
        """Conditions: clean-up is not deleting the versions of these deployments."""
        checks = {}
        for deployment in deployments:
            prefix = FOREIGN if deployment.target_release is None else OWN
            version = key(application_key(deployment.application), f"{prefix}{deployment.target_label}")
            check = {"TableName": self._table, "Key": version, **not_marked(deployment.history[-1].at)}
            checks[deployment.application, deployment.target_label] = {"ConditionCheck": check}
        return list(checks.values())

    def _standing(self, standing: Standing) -> Any:
        return self._put(environment_key(standing.environment), STANDING, fields(standing), as_read(standing))

    def _preflight(self, environment: str, found: Preflight) -> Any:
        known = msgspec.to_builtins(found) | {"environment": environment, "active": ACTIVE_ENVIRONMENT}
        return self._put(environment_key(environment), PREFLIGHT, known)
