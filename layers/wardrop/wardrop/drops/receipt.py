"""The receipt of a drop, which states the outcome and its reason."""

from datetime import datetime
from enum import StrEnum

import msgspec

from wardrop.foreign_text import clean, for_tag

STATUS_TAG = "wardrop-status"
"""The name of the tag that marks a processed object."""


class ReceiptStatus(StrEnum):
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REPLACED = "replaced"
    """The object was empty. It was deleted, or a newer object has the same key."""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    drop: str
    status: ReceiptStatus
    reason: str
    at: datetime
    application: str | None = None
    label: str | None = None
    deployments: list[str] = []
    environments: list[str] = []
    """The environments of the deployments in `deployments`, in the same order."""

    def __post_init__(self) -> None:
        clean(self, "reason")

    @property
    def tags(self) -> dict[str, str]:
        """The tags for the dropped object, the most important first, because S3 allows ten tags in total."""
        tags = {
            STATUS_TAG: self.status,
            "wardrop-version": self.label or "none",
            "wardrop-deployment": " ".join(self.deployments) or "none",
            "wardrop-reason": self.reason,
        }
        return {name: for_tag(text) for name, text in tags.items()}
