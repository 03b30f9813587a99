"""Receipts of drops in the ledger."""

import hashlib
from collections.abc import Iterable

import msgspec

from wardrop.aws.ledger.item import Key, attributes_of
from wardrop.aws.ledger.table import NEW, Put, Table
from wardrop.drops.receipt import Receipt

MAX_ID_BYTES = 2_000
"""The longest id in a key. DynamoDB accepts partition keys of up to 2,048 bytes (developer guide, "Constraints")."""


class Receipts:
    def __init__(self, table: Table) -> None:
        self._table = table

    def find(self, drop: str) -> Receipt | None:
        item = self._table.get(_key(drop))
        return msgspec.convert(item, Receipt) if item else None

    def existing(self, drops: Iterable[str]) -> set[str]:
        """Returns those of the drop ids in `drops` for which the ledger has a receipt."""
        return {item["drop"] for item in self._table.get_all([_key(drop) for drop in drops])}


def put_receipt(receipt: Receipt) -> Put:
    return Put(_key(receipt.drop), attributes_of(receipt), NEW)


def _key(drop: str) -> Key:
    """Returns the key of a receipt.

    S3's keys and version ids may each have 1,024 bytes, so the drop's id may be too long for a partition key. In this
    case, the key contains the beginning and the hash of the id.
    """
    if len(drop.encode()) > MAX_ID_BYTES:
        drop = f"{drop[:200]}/{hashlib.sha256(drop.encode()).hexdigest()}"
    return Key(f"drop/{drop}", "receipt")
