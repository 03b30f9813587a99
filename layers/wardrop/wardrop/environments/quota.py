"""How much of the region's quota of application versions is used."""

from datetime import datetime

import msgspec

SCARCE = 0.95


class VersionQuotaUse(msgspec.Struct, frozen=True, kw_only=True):
    """`used` counts the application versions of the region that Wardrop's role may see."""

    at: datetime
    used: int
    quota: int

    @property
    def is_scarce(self) -> bool:
        return self.used > SCARCE * self.quota
