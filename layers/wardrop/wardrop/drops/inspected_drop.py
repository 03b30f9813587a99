"""A drop with everything that Wardrop knows before it makes a version: its address, metadata and contents."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from wardrop.configuration.rules import OnFailure
from wardrop.drops.bundle import BundleContents
from wardrop.drops.drop import Drop
from wardrop.drops.key import Address
from wardrop.errors import Rejected


@dataclass(frozen=True)
class Metadata:
    """None: the uploader states nothing."""

    version_label: str | None = None
    dropped_by: str | None = None
    """A claim: S3 itself knows only the account."""

    on_failure: OnFailure | None = None


@dataclass(frozen=True)
class InspectedDrop:
    drop: Drop
    address: Address
    uploaded_at: datetime
    """Last-Modified of the object version."""

    metadata: Metadata
    contents: BundleContents


def read_metadata(metadata: Mapping[str, str]) -> Metadata:
    """Raises Rejected for an `on-failure` that does not exist."""
    return Metadata(metadata.get("version-label"), metadata.get("dropped-by"), _on_failure(metadata.get("on-failure")))


def _on_failure(stated: str | None) -> OnFailure | None:
    if stated is None:
        return None
    if stated not in set(OnFailure):
        allowed = " or ".join(OnFailure)
        raise Rejected(f"the metadata on-failure is {stated}, and may be {allowed}; correct it and drop the file again")
    return OnFailure(stated)
