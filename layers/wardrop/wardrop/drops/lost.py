"""Finds the dropped files whose events did not arrive.

S3 is designed to deliver each event at least once (user guide, "Amazon S3 Event Notifications"). But a bucket sends no
events for about five minutes after EventBridge is enabled (user guide, "Enabling Amazon EventBridge"), and a user might
disable EventBridge or the rule.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from wardrop.drops.drop import Drop

WINDOW = timedelta(days=2)
"""The maximum age of a file that counts as lost.

Last-Modified of a multipart upload is the time at which the upload began. In the bucket that the stack creates, a
lifecycle rule ends an upload at the first midnight (UTC) after it has taken a day. So every upload is completed within
two days.

Example: an upload began at 12:00 on Monday and was completed at 18:00 on Tuesday, and its event was lost. A sweep on
Tuesday evening finds the file.
"""


class ListedObject(msgspec.Struct, frozen=True, kw_only=True):
    """A version of an object in the drop bucket, as S3 lists it."""

    key: str
    version_id: str | None
    """The version id of the object. None: the bucket has no versioning."""

    etag: str
    size: int
    modified_at: datetime
    is_newest: bool
    """Whether this is the latest version of the key, so that it was neither replaced nor deleted."""

    @property
    def sequencer(self) -> str:
        """A value in place of S3's sequencer, because S3 does not list sequencers.

        In a bucket without versioning, this value distinguishes uploads of equal bytes. S3's sequencers begin with two
        zeros and the seconds since 1970. This value has no further digits, so it sorts before every sequencer of the
        same second.
        """
        return "" if self.version_id else f"00{int(self.modified_at.timestamp()):X}"

    def drop(self, bucket: str) -> Drop:
        return Drop(
            bucket=bucket,
            key=self.key,
            version_id=self.version_id,
            etag=self.etag,
            size=self.size,
            event_time=self.modified_at,
            sequencer=self.sequencer,
        )


class Position(msgspec.Struct, frozen=True):
    """The last object that S3 listed on a page. The next page begins after this object."""

    key: str
    version_id: str | None = None


class SweepState(msgspec.Struct, frozen=True, kw_only=True):
    """The state that one sweep of the drop bucket stores for the next sweep."""

    since: datetime
    """The time of Wardrop's installation. Older files are not drops."""

    position: Position | None = None
    """The place at which the next sweep continues. None: the next sweep begins with the first key."""

    sent: dict[str, datetime] = {}
    """The lost drops that a sweep has sent to the queue and that have no receipt yet.

    Each key is the digest of a drop's id, and the value is the time of the upload.
    """

    def is_sent(self, drop: Drop) -> bool:
        return digest(drop) in self.sent

    def after(
        self, lost: Iterable[Drop], received: Collection[Drop], position: Position | None, now: datetime
    ) -> "SweepState":
        """Returns the state after a sweep has sent the drops in `lost`.

        Drops that were received or are older than WINDOW are removed.
        """
        received_digests = {digest(drop) for drop in received}
        waiting = {name: at for name, at in self.sent.items() if name not in received_digests and now - at < WINDOW}
        return SweepState(
            since=self.since,
            position=position,
            sent=waiting | {digest(drop): drop.event_time for drop in lost},
        )


@dataclass(frozen=True)
class Interval:
    """The range of upload times that a sweep considers."""

    start: datetime
    end: datetime

    def contains(self, listed: ListedObject) -> bool:
        """Whether the object may be a lost drop. Older versions of a key, folders and deleted files are excluded."""
        is_drop = listed.is_newest and not listed.key.endswith("/")
        return is_drop and self.start <= listed.modified_at <= self.end


def interval(since: datetime, wait: timedelta, now: datetime) -> Interval:
    """Returns the range of upload times to consider. It begins with the full second of `since`.

    `wait` is the time within which the event of a file may still arrive.
    """
    return Interval(max(since.replace(microsecond=0), now - WINDOW), now - wait)


def digest(drop: Drop) -> str:
    return hashlib.sha256(drop.id.encode()).hexdigest()[:16]


def message_of(drop: Drop) -> str:
    """Builds the message for a lost drop, in the form of S3's event."""
    listed: Mapping[str, object] = {
        "key": drop.key,
        "size": drop.size,
        "etag": drop.etag,
        "sequencer": drop.sequencer,
    }
    version = {"version-id": drop.version_id} if drop.version_id else {}
    event = {"time": drop.event_time, "detail": {"bucket": {"name": drop.bucket}, "object": {**listed, **version}}}
    return msgspec.json.encode(event).decode()
