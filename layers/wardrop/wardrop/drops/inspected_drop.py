"""A drop with everything that Wardrop knows before it makes a version."""

from dataclasses import dataclass
from datetime import datetime

from wardrop.drops.bundle import BundleContents
from wardrop.drops.drop import Drop
from wardrop.drops.key import Address
from wardrop.drops.metadata import Metadata


@dataclass(frozen=True)
class InspectedDrop:
    drop: Drop
    address: Address
    uploaded_at: datetime
    """Last-Modified of the object version."""

    metadata: Metadata
    contents: BundleContents
