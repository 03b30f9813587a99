"""The receipt of a drop: whether it was accepted, and why."""

from datetime import datetime
from enum import StrEnum

import msgspec

from wardrop.foreign_text import for_tag


class ReceiptStatus(StrEnum):
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REPLACED = "replaced"
    """The object was an empty first step of an upload. A newer object has the same key."""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    drop: str
    status: ReceiptStatus
    reason: str
    at: datetime
    application: str | None = None
    label: str | None = None
    deployments: list[str] = []

    @property
    def tags(self) -> dict[str, str]:
        """For the dropped object; the most important first, because S3 allows ten tags in all."""
        tags = {
            "wardrop-status": self.status,
            "wardrop-version": self.label or "none",
            "wardrop-deployment": " ".join(self.deployments) or "none",
            "wardrop-reason": self.reason,
        }
        return {name: for_tag(text) for name, text in tags.items()}
