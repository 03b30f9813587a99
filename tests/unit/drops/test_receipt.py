"""Receipts, and their tags on the dropped object."""

from tests.unit.samples import NOW
from wardrop.drops.receipt import Receipt, ReceiptStatus


def test_the_status_is_the_first_tag_and_the_reason_the_last():
    receipt = Receipt(drop="d", status=ReceiptStatus.REJECTED, reason="no WAR; drop a WAR", at=NOW)
    assert list(receipt.tags.items()) == [
        ("wardrop-status", "rejected"),
        ("wardrop-version", "none"),
        ("wardrop-deployment", "none"),
        ("wardrop-reason", "no WAR - drop a WAR"),
    ]
