"""Handles empty objects. An empty object is the first step of some uploads, or a failed upload.

s3fs, SFTP gateways and other file systems on S3 first write an empty object and then the content. Finally they copy the
object in place to set its metadata. S3 reports each step as a separate object.
"""

from datetime import datetime, timedelta

import msgspec

from wardrop.drops.drop import Drop
from wardrop.errors import NotNow, Rejected

GRACE = timedelta(seconds=90)
"""The time within which the content must follow an empty object.

Example: an empty object is uploaded at 12:00:00. If no newer object has the same key at 12:01:30, the drop is rejected.
"""


class StillEmpty(NotNow):
    """The object is empty, but its content may still follow."""

    def __init__(self, drop: Drop, retry_after: int) -> None:
        super().__init__(f"{drop.key} is empty; Wardrop waits {retry_after} s for its content")
        self.retry_after = retry_after


class NewestObject(msgspec.Struct, frozen=True, kw_only=True):
    """The newest object under a key."""

    version_id: str | None
    """The version id of the object. None: the bucket has no versioning."""

    etag: str
    size: int
    uploaded_at: datetime

    def is_of(self, drop: Drop) -> bool:
        return self.version_id == drop.version_id if drop.version_id else self.etag == drop.etag


def why_replaced(drop: Drop, newest: NewestObject | None, now: datetime) -> str | None:
    """Returns the reason why Wardrop ignores an empty drop: it was deleted, or a newer object has replaced it.

    Returns None if the object has content after all, because an event may omit the size. `newest` is None if the key
    has no object. Raises StillEmpty and Rejected.
    """
    if newest is None:
        return f"{drop.key} was empty, and was then deleted"
    if not newest.is_of(drop):
        return f"{drop.key} was empty, and a newer upload has replaced it"
    if newest.size:
        return None
    remaining = GRACE - (now - newest.uploaded_at)
    if remaining > timedelta(0):
        raise StillEmpty(drop, int(min(remaining, GRACE).total_seconds()) + 1)
    raise Rejected("the file is empty; drop it again with its content")
