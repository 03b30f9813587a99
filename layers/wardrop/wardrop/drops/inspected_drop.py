"""A drop with its address, metadata and contents, before Wardrop creates a version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from wardrop.configuration.rules import OnFailure
from wardrop.drops.bundle import BundleContents
from wardrop.drops.drop import Drop
from wardrop.drops.key import Address
from wardrop.environments.origin import Origin, read_origin
from wardrop.errors import Rejected
from wardrop.foreign_text import one_line

MAX_NAME = 200
"""The maximum number of characters of `dropped-by` that are recorded. S3 accepts 2 KB of metadata."""


@dataclass(frozen=True)
class Metadata:
    """The metadata of the object. None: the uploader did not set the value."""

    version_label: str | None = None
    dropped_by: str | None = None
    """The name that the uploader states. It is not authenticated, because S3 authenticates only the account."""

    on_failure: OnFailure | None = None
    origin: Origin | None = None


@dataclass(frozen=True)
class InspectedDrop:
    drop: Drop
    address: Address
    uploaded_at: datetime
    """Last-Modified of the object version."""

    metadata: Metadata
    contents: BundleContents

    @property
    def arrival(self) -> tuple[datetime, datetime, str]:
        return self.drop.arrival(self.uploaded_at)

    @property
    def promotes(self) -> bool:
        """Whether the version is promoted to the next stages. A drop with an environment in its key is not promoted."""
        return self.address.environment is None


def read_metadata(metadata: Mapping[str, str]) -> Metadata:
    """Raises Rejected if the value of `on-failure` is invalid."""
    dropped_by = metadata.get("dropped-by")
    return Metadata(
        version_label=metadata.get("version-label"),
        dropped_by=one_line(dropped_by, MAX_NAME) if dropped_by is not None else None,
        on_failure=_on_failure(metadata.get("on-failure")),
        origin=read_origin(metadata),
    )


def _on_failure(stated: str | None) -> OnFailure | None:
    if stated is None:
        return None
    if stated not in set(OnFailure):
        allowed = " or ".join(OnFailure)
        value = one_line(stated, 40)
        raise Rejected(f"the metadata on-failure is {value}, but must be {allowed}; correct it and drop the file again")
    return OnFailure(stated)
