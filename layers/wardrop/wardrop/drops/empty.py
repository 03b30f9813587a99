"""An empty object: the first step of an upload in several steps, or a failed upload.

s3fs, SFTP gateways and other file systems on S3 first write an empty object, then the content, and then copy the object
in place to set its metadata. S3 reports each step as an object of its own.
"""

from datetime import datetime, timedelta

import msgspec

from wardrop.drops.drop import Drop
from wardrop.errors import NotNow, Rejected

GRACE = timedelta(seconds=90)
"""How long the content may follow an empty object.

Example: an empty object is uploaded at 12:00:00. It is looked at again at 12:01:30, and is rejected then if no newer
object has the same key.
"""


class StillEmpty(NotNow):
    """The content of an empty object may still follow."""

    def __init__(self, drop: Drop, retry_after: int) -> None:
        super().__init__(f"{drop.key} is empty; Wardrop waits {retry_after} s for its content")
        self.retry_after = retry_after


class NewestObject(msgspec.Struct, frozen=True, kw_only=True):
    """The newest object under a key."""

    version_id: str | None
    """None: the bucket has no versioning."""

    etag: str
    size: int
    uploaded_at: datetime

    def is_of(self, drop: Drop) -> bool:
        return self.version_id == drop.version_id if drop.version_id else self.etag == drop.etag


def why_replaced(drop: Drop, newest: NewestObject | None, now: datetime) -> str | None:
    """Why the empty object of a drop is not a drop of its own. `newest` None: the key has no object now.

    None: the object has content, because the event did not state its size. Raises StillEmpty, and Rejected.
    """
    if newest is None:
        return f"{drop.key} was empty, and has been deleted since"
    if not newest.is_of(drop):
        return f"{drop.key} was empty, and a newer upload has replaced it"
    if newest.size:
        return None
    remaining = GRACE - (now - newest.uploaded_at)
    if remaining > timedelta(0):
        raise StillEmpty(drop, int(min(remaining, GRACE).total_seconds()) + 1)
    raise Rejected("the file is empty; drop it again with its content")
