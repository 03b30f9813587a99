"""The report of a clean-up, and its alerts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from wardrop.alerts.kinds import Kind
from wardrop.alerts.model import Alert, new_alert
from wardrop.environments.settings import VersionQuotaUse

MOST_LISTED = 5


@dataclass(frozen=True)
class CleanUpReport:
    deleted: int
    applications: int
    """The number of applications whose versions were deleted."""

    freed_bytes: int
    """The number of bytes that were freed in the release bucket."""

    quota: int
    versions_before: int
    """The number of application versions in the region that Wardrop's role is allowed to read."""

    versions_after: int
    failures: Sequence[str]
    blocked: Sequence[str]
    """Versions that no rule keeps but that cannot be deleted now, each with the reason."""

    stopped: str | None
    """The reason why the clean-up stopped early. None: the clean-up did not stop early."""

    retry_may_help: bool
    """Whether at least one failure may be temporary."""

    @property
    def is_complete(self) -> bool:
        """Whether another clean-up in an hour would find nothing more to delete."""
        return self.stopped is None and not self.retry_may_help and not self.blocked

    @property
    def metrics(self) -> dict[str, int]:
        return {
            "VersionsDeleted": self.deleted,
            "BytesFreed": self.freed_bytes,
            "VersionsNotDeleted": len(self.failures),
            "VersionsInRegion": self.versions_after,
            "VersionQuota": self.quota,
        }

    def text(self, asked_by: str | None = None) -> str:
        versions = "1 application version" if self.deleted == 1 else f"{self.deleted:,} application versions"
        of = f" of {self.applications} applications" if self.applications > 1 else ""
        asked = f", requested by {asked_by}," if asked_by else ""
        summary = (
            f"clean-up{asked} deleted {versions}{of} and freed {self.freed_bytes / 1e6:,.1f} MB; "
            f"the region now has {self.versions_after:,} of {self.quota:,} versions ({self.versions_before:,} before)"
        )
        return summary + (f"; it stopped early and continues within an hour: {self.stopped}" if self.stopped else "")

    def alerts(self, began: datetime, asked_by: str | None) -> Iterator[Alert]:
        """Yields the alerts about a clean-up. Problems are reported once a day."""
        day = f"clean-up/{began:%Y-%m-%d}"
        if self.deleted or self.freed_bytes or asked_by:
            yield new_alert(Kind.VERSIONS_CLEANED, f"clean-up/{began.isoformat()}", began, self.text(asked_by))
        if self.failures or self.blocked:
            yield new_alert(Kind.CLEAN_UP_INCOMPLETE, day, began, self._problems)
        if VersionQuotaUse(at=began, used=self.versions_after, quota=self.quota).is_scarce:
            text = (
                f"after clean-up, the region still has {self.versions_after:,} of {self.quota:,} application versions; "
                "find out why versions are kept, and unpin versions, keep fewer versions, or ask AWS for a higher quota"
            )
            yield new_alert(Kind.VERSION_QUOTA_LOW, day, began, text)

    @property
    def _problems(self) -> str:
        parts = []
        for problem, entries in (("could not be deleted", self.failures), ("cannot be deleted safely", self.blocked)):
            if entries:
                more = f"; and {len(entries) - MOST_LISTED:,} more" if len(entries) > MOST_LISTED else ""
                parts.append(f"{len(entries):,} {problem} ({'; '.join(entries[:MOST_LISTED])}{more})")
        return f"clean-up did not delete everything and will try again: {'; '.join(parts)}"
