"""The receipt of a drop: whether it was accepted, and why."""

from datetime import datetime
from enum import StrEnum

import msgspec


class ReceiptStatus(StrEnum):
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    drop: str
    status: ReceiptStatus
    reason: str
    at: datetime
    application: str | None = None
    label: str | None = None
    deployments: list[str] = []
