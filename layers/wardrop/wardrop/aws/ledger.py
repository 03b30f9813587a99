"""The ledger: one DynamoDB table. The only module that knows it; its keys are in docs/architecture.md.

A change that people should know of is one transaction with its alert. Items only gain fields, and fields
that this code does not know are kept.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from wardrop.domain.alert import Alert
from wardrop.domain.deployment import Deployment, Standing
from wardrop.domain.preflight import Preflight, VersionRoom
from wardrop.domain.release import Version
from wardrop.errors import Outdated

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

STANDING = "now/standing"
PREFLIGHT = "now/preflight"
REGION, VERSION_ROOM = "region", "version-room"
ACTIVE_INDEX = "active"
ACTIVE_VALUE = "deployment"
ACTIVE_PREFLIGHT = "preflight"
CONFLICT_PAUSES = (0.05, 0.1, 0.2, 0.4, None)
"""Seconds."""

Record = TypeVar("Record", Deployment, Standing, Version)


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a drop."""

    drop: str
    status: str
    """`accepted` or `rejected`."""

    reason: str
    at: datetime
    application: str | None = None
    label: str | None = None
    deployments: list[str] = []


@dataclass(frozen=True)
class Now:
    """An environment's standing, settings and active deployments, read consistently."""

    standing: Standing
    deployments: list[Deployment]
    preflight: Preflight | None = None


class Ledger:
    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    # Drops

    def receipt(self, drop: str) -> Receipt | None:
        item = self._get(f"drop/{drop}", "receipt")
        return msgspec.convert(item, Receipt) if item else None

    def accept(self, receipt: Receipt, deployments: Sequence[Deployment], alerts: Iterable[Alert]) -> None:
        """Raises Outdated if this drop has its receipt already."""
        self._write(
            self._receipt(receipt),
            *(self._deployment(deployment) for deployment in deployments),
            *(self._alert(alert) for alert in alerts),
        )

    def reject(self, receipt: Receipt, alert: Alert) -> None:
        """Raises Outdated if this drop has its receipt already."""
        self._write(self._receipt(receipt), self._alert(alert))

    # Versions

    def reserve(self, version: Version, instead_of: str | None = None) -> Version | None:
        """Keep a label for these bytes.

        Returns the version that has the label and these bytes: this one, or the one that was there before,
        under whatever label. None if the label stands for other bytes. `instead_of` is the label that these
        bytes had until it turned out to be taken in Beanstalk.
        """
        partition = _application(version.application)
        content_key = f"content/{version.release.sha256}"
        same_bytes: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
        if instead_of is not None:
            same_bytes = {
                "ConditionExpression": "label = :taken",
                "ExpressionAttributeValues": {":taken": {"S": instead_of}},
            }
        try:
            self._write(
                self._put(partition, f"label/{version.label}", _fields(version), _NEW),
                self._put(partition, content_key, {"label": version.label}, same_bytes),
            )
        except Outdated:
            content = self._get(partition, content_key)
            label = content.get("label") if content else None
            if label is None or label == instead_of:
                return None
            item = self._get(partition, f"label/{label}")
            return _record(Version, item) if item else None
        return version

    def version(self, application: str, label: str) -> Version | None:
        """None for a version that Wardrop did not make."""
        item = self._get(_application(application), f"label/{label}")
        return _record(Version, item) if item else None

    def pin(self, application: str, label: str, by: str | None) -> bool:
        """Keep a version from clean-up, or no longer; False if Wardrop did not make it."""
        expression = "SET pinned_by = :by" if by else "REMOVE pinned_by"
        values: dict[str, Any] = {"ExpressionAttributeValues": {":by": {"S": by}}} if by else {}
        try:
            self._dynamodb.update_item(
                TableName=self._table,
                Key=_key(_application(application), f"label/{label}"),
                UpdateExpression=expression,
                ConditionExpression="attribute_exists(pk)",
                **values,
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return False
        return True

    # Configuration

    def keep_configuration(self, application: str, text: str) -> None:
        """The last one that could be read."""
        put = self._put(_application(application), "configuration", {"text": text})["Put"]
        self._dynamodb.put_item(**put)

    def configuration(self, application: str) -> str | None:
        item = self._get(_application(application), "configuration")
        return str(item["text"]) if item else None

    # Environments and their deployments

    def now(self, environment: str) -> Now:
        """Reads as much as is active, however long the history."""
        standing, found = Standing(environment=environment), None
        deployments: list[Deployment] = []
        for item in self._query(_environment(environment), "now/"):
            match item["sk"]:
                case "now/standing":
                    standing = _record(Standing, item)
                case "now/preflight":
                    found = msgspec.convert(item, Preflight)
                case _:
                    deployments.append(_record(Deployment, item))
        return Now(standing, deployments, found)

    def keep_preflight(self, environment: str, found: Preflight) -> None:
        """Whoever reads the settings last is right, so nothing guards it."""
        self._dynamodb.put_item(**self._preflight(environment, found)["Put"])

    def forget_preflight(self, environment: str) -> None:
        self._dynamodb.delete_item(TableName=self._table, Key=_key(_environment(environment), PREFLIGHT))

    def keep_version_room(self, room: VersionRoom) -> None:
        self._dynamodb.put_item(**self._put(REGION, VERSION_ROOM, msgspec.to_builtins(room))["Put"])

    def version_room(self) -> VersionRoom | None:
        item = self._get(REGION, VERSION_ROOM)
        return msgspec.convert(item, VersionRoom) if item else None

    def history(self, environment: str, most: int = 20) -> list[Deployment]:
        """The newest finished deployments, newest first."""
        found = self._query(_environment(environment), "past/deployment/", most, forward=False)
        return [_record(Deployment, item) for item in found]

    def active(self) -> set[str]:
        """Environments with active deployments; a moment old maybe, so it serves to wake, never to decide."""
        return self._indexed(ACTIVE_VALUE)

    def preflighted(self) -> set[str]:
        """Environments whose settings are kept."""
        return self._indexed(ACTIVE_PREFLIGHT)

    def _indexed(self, value: str) -> set[str]:
        found: set[str] = set()
        more: dict[str, Any] = {}
        while True:
            answer = self._dynamodb.query(
                TableName=self._table,
                IndexName=ACTIVE_INDEX,
                KeyConditionExpression="active = :active",
                ExpressionAttributeValues={":active": {"S": value}},
                ProjectionExpression="environment",
                **more,
            )
            found |= {item["environment"]["S"] for item in answer["Items"]}
            if "LastEvaluatedKey" not in answer:
                return found
            more = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def change(
        self,
        deployment: Deployment,
        alerts: Iterable[Alert] = (),
        standing: Standing | None = None,
        *,
        preflight: Preflight | None = None,
        queued: Iterable[Deployment] = (),
        unchanged: Iterable[Standing] = (),
    ) -> Deployment:
        """Write a changed deployment and return it as it stands then, with what it leads to.

        Raises Outdated if it has changed meanwhile, or one of the other standings that the change rests on.
        """
        writes = self._moved(deployment)
        if standing is not None:
            writes.append(self._standing(standing))
        if preflight is not None:
            writes.append(self._preflight(deployment.environment, preflight))
        writes += [self._deployment(one) for one in queued]
        for other in unchanged:
            key = _key(_environment(other.environment), STANDING)
            writes.append({"ConditionCheck": {"TableName": self._table, "Key": key, **_unchanged(other)}})
        self._write(*writes, *(self._alert(alert) for alert in alerts))
        return msgspec.structs.replace(deployment, revision=deployment.revision + 1)

    def change_all(
        self, deployments: Iterable[Deployment], alerts: Iterable[Alert], standing: Standing | None = None
    ) -> None:
        """Write what a person asked for, new deployments too. Raises Outdated if any of it has changed meanwhile."""
        writes = [write for one in deployments for write in self._moved(one)]
        if standing is not None:
            writes.append(self._standing(standing))
        self._write(*writes, *(self._alert(alert) for alert in alerts))

    # Items

    def _receipt(self, receipt: Receipt) -> Any:
        return self._put(f"drop/{receipt.drop}", "receipt", _fields(receipt), _NEW)

    def _deployment(self, deployment: Deployment) -> Any:
        return self._put(
            _environment(deployment.environment),
            f"now/deployment/{deployment.id}",
            _fields(deployment) | {"active": ACTIVE_VALUE},
            _unchanged(deployment),
        )

    def _moved(self, deployment: Deployment) -> list[Any]:
        """An active deployment where it is, a finished one from `now/` to `past/`."""
        if deployment.is_active:
            return [self._deployment(deployment)]
        partition = _environment(deployment.environment)
        key = _key(partition, f"now/deployment/{deployment.id}")
        return [
            {"Delete": {"TableName": self._table, "Key": key, **_unchanged(deployment)}},
            self._put(partition, f"past/deployment/{deployment.id}", _fields(deployment)),
        ]

    def _standing(self, standing: Standing) -> Any:
        return self._put(_environment(standing.environment), STANDING, _fields(standing), _unchanged(standing))

    def _preflight(self, environment: str, found: Preflight) -> Any:
        fields = msgspec.to_builtins(found) | {"environment": environment, "active": ACTIVE_PREFLIGHT}
        return self._put(_environment(environment), PREFLIGHT, fields)

    def _alert(self, alert: Alert) -> Any:
        return self._put(f"alert/{alert.alert_id}", "alert", _fields(alert))

    def _put(self, pk: str, sk: str, fields: dict[str, Any], condition: dict[str, Any] | None = None) -> Any:
        item = {name: _SERIALIZER.serialize(value) for name, value in fields.items() if value is not None}
        return {"Put": {"TableName": self._table, "Item": item | _key(pk, sk), **(condition or {})}}

    # Requests

    def _get(self, pk: str, sk: str) -> dict[str, Any] | None:
        answer = self._dynamodb.get_item(TableName=self._table, Key=_key(pk, sk), ConsistentRead=True)
        return _plain(answer["Item"]) if "Item" in answer else None

    def _query(
        self, pk: str, prefix: str, most: int | None = None, *, forward: bool = True
    ) -> Iterable[dict[str, Any]]:
        more: dict[str, Any] = {"Limit": most} if most else {}
        while True:
            answer = self._dynamodb.query(
                TableName=self._table,
                KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
                ExpressionAttributeValues={":pk": {"S": pk}, ":prefix": {"S": prefix}},
                ConsistentRead=True,
                ScanIndexForward=forward,
                **more,
            )
            yield from (_plain(item) for item in answer["Items"])
            if most or "LastEvaluatedKey" not in answer:
                return
            more = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def _write(self, *writes: Any) -> None:
        """All or nothing. Raises Outdated if a condition does not hold."""
        for pause in CONFLICT_PAUSES:
            try:
                self._dynamodb.transact_write_items(TransactItems=writes)
            except ClientError as error:
                codes = {reason.get("Code") for reason in error.response.get("CancellationReasons", [])}
                if "ConditionalCheckFailed" in codes:
                    raise Outdated("the ledger has changed meanwhile") from error
                # Another transaction is at one of the items; botocore does not retry that.
                if "TransactionConflict" not in codes or pause is None:
                    raise
                time.sleep(pause)
            else:
                return


_NEW = {"ConditionExpression": "attribute_not_exists(pk)"}


def _unchanged(record: Deployment | Standing) -> dict[str, Any]:
    """Only if the item is as it was read; `revision` 0 is that of an item that is not there yet."""
    if record.revision == 0:
        return _NEW
    return {
        "ConditionExpression": "revision = :read",
        "ExpressionAttributeValues": {":read": {"N": str(record.revision)}},
    }


def _application(name: str) -> str:
    return f"application/{name}"


def _environment(name: str) -> str:
    return f"environment/{name}"


def _key(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


class _Numbers(TypeDeserializer):
    """boto3 makes every number a Decimal, also the whole ones, and takes no float back."""

    def _deserialize_n(self, value: str) -> int | Decimal:
        return int(value) if value.lstrip("-").isdigit() else Decimal(value)


_SERIALIZER = TypeSerializer()
_DESERIALIZER = _Numbers()


def _plain(item: dict[str, Any]) -> dict[str, Any]:
    return {name: _DESERIALIZER.deserialize(value) for name, value in item.items()}


def _fields(record: msgspec.Struct) -> dict[str, Any]:
    """As it is written, one revision on, with what was there and this code does not know."""
    unknown: dict[str, Any] = getattr(record, "unknown", {})
    known = msgspec.structs.replace(record, unknown={}) if unknown else record
    fields: dict[str, Any] = msgspec.to_builtins(known)
    fields.pop("unknown", None)
    if "revision" in fields:
        fields["revision"] += 1
    merged: dict[str, Any] = _merged(unknown, fields)
    return merged


def _merged(old: Any, new: Any) -> Any:
    """The new, with the fields that only the old has; an element of a list is known again by its other fields."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old | {name: _merged(old.get(name), value) for name, value in new.items()}
    if isinstance(old, list) and isinstance(new, list) and new and isinstance(new[0], dict):
        richer = [one for one in old if isinstance(one, dict) and one.keys() - new[0].keys()]
        return [next((one for one in richer if one | each == one), each) for each in new]
    return new


def _record(kind: type[Record], item: dict[str, Any]) -> Record:
    record: Record = msgspec.convert(item, kind)
    item = {name: value for name, value in item.items() if name not in ("pk", "sk", "active")}
    plain = msgspec.to_builtins(record)
    return msgspec.structs.replace(record, unknown=item) if _merged(item, plain) != plain else record
