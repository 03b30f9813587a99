"""What a clean-up has done, as people are told of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from wardrop.alerts.model import Alert, Kind, alert
from wardrop.versions.retention import Choice, is_nearly_full

MOST_NAMED = 5


@dataclass(frozen=True)
class Cleaned:
    deleted: int
    applications: int
    freed: int
    """Bytes in the release bucket."""

    quota: int
    before: int
    """Application versions in the region, as far as Wardrop may see them."""

    after: int
    failures: Sequence[str]
    waits: Sequence[str]
    """What no rule keeps and something is in the way of, with what that is."""

    stopped: str | None
    """Why it ended before its end."""

    may_help: bool
    """Whether trying again may help with a failure."""

    @property
    def is_complete(self) -> bool:
        """Nothing is left that time would help."""
        return self.stopped is None and not self.may_help and not self.waits

    def text(self, asked_by: str | None = None) -> str:
        versions = "1 application version" if self.deleted == 1 else f"{self.deleted:,} application versions"
        of = f" of {self.applications} applications" if self.applications > 1 else ""
        asked = f", for {asked_by}," if asked_by else ""
        told = (
            f"clean-up{asked} deleted {versions}{of} and freed {self.freed / 1e6:,.1f} MB; "
            f"the region has {self.after:,} of {self.quota:,} versions, and had {self.before:,}"
        )
        return told + (f"; it goes on within the hour: {self.stopped}" if self.stopped else "")

    def alerts(self, began: datetime, asked_by: str | None) -> Iterator[Alert]:
        """What was done is told each time, what is wrong once a day."""
        day = f"clean-up/{began:%Y-%m-%d}"
        if self.deleted or self.freed or asked_by:
            yield alert(Kind.VERSIONS_CLEANED, f"clean-up/{began.isoformat()}", began, self.text(asked_by))
        if self.failures or self.waits:
            yield alert(Kind.CLEAN_UP_INCOMPLETE, day, began, self._wrong)
        if is_nearly_full(self.after, self.quota):
            text = (
                f"the region has {self.after:,} of {self.quota:,} application versions after clean-up; see what is "
                "kept and why; then unpin, keep fewer, or have AWS raise the quota"
            )
            yield alert(Kind.VERSION_QUOTA_LOW, day, began, text, next_step="wardrop clean --dry-run")

    @property
    def _wrong(self) -> str:
        parts = []
        for what, found in (("could not be deleted", self.failures), ("wait", self.waits)):
            if found:
                more = f"; and {len(found) - MOST_NAMED:,} more" if len(found) > MOST_NAMED else ""
                parts.append(f"{len(found):,} {what} ({'; '.join(found[:MOST_NAMED])}{more})")
        return f"clean-up tries again what it could not do: {'; '.join(parts)}"


class Plan(msgspec.Struct, frozen=True, kw_only=True, tag_field="answer", tag="plan"):
    """What a clean-up would do."""

    quota: int
    versions: int
    """In the region, as far as Wardrop may see them."""

    delete: int
    """So many of them would go."""

    bundles: int
    bytes: int
    """Of so many bundles that would go too, orphans among them."""

    choices: list[Choice]
    """Every version, the oldest of each application first."""
