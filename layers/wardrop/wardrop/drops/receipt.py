"""The receipt of a drop: whether it was accepted, and why."""

import re
from datetime import datetime
from enum import StrEnum

import msgspec

MAX_TAG_VALUE = 256


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

    @property
    def tags(self) -> dict[str, str]:
        """For the dropped object; the most important first, because S3 allows ten tags in all."""
        tags = {
            "wardrop-status": self.status,
            "wardrop-version": self.label or "none",
            "wardrop-deployment": " ".join(self.deployments) or "none",
            "wardrop-reason": self.reason,
        }
        return {name: tag_value(text) for name, text in tags.items()}


def tag_value(text: str) -> str:
    """The text in the alphabet that S3 allows in tags, at most 256 characters long."""
    allowed = re.sub(r"[^A-Za-z0-9 +\-=._:/@]+", " ", text.replace(";", " -"))
    return re.sub(r" +", " ", allowed).strip()[:MAX_TAG_VALUE].strip()
