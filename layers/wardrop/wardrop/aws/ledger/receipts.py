"""Receipts of drops in the ledger."""

import msgspec

from wardrop.aws.ledger.item import Key, attributes_of
from wardrop.aws.ledger.table import NEW, Put, Table
from wardrop.drops.receipt import Receipt


class Receipts:
    def __init__(self, table: Table) -> None:
        self._table = table

    def find(self, drop: str) -> Receipt | None:
        item = self._table.get(_key(drop))
        return msgspec.convert(item, Receipt) if item else None


def put_receipt(receipt: Receipt) -> Put:
    return Put(_key(receipt.drop), attributes_of(receipt), NEW)


def _key(drop: str) -> Key:
    return Key(f"drop/{drop}", "receipt")
