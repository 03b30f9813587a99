"""A drop: one object version that S3 reported in an `Object Created` event."""

from datetime import datetime
from typing import Annotated

import msgspec

from wardrop.errors import Malformed, Rejected

MAX_BUNDLE_BYTES = 500 * 1024 * 1024
"""The limit that Beanstalk's quotas page gives for a source bundle."""


class Drop(msgspec.Struct, frozen=True, kw_only=True):
    bucket: str
    key: str
    version_id: str | None
    """None: the bucket has no versioning, and the ETag pins the content."""

    etag: str
    size: int
    event_time: datetime
    sequencer: str

    @property
    def id(self) -> str:
        """The same for every delivery of one event, and different for different events."""
        return f"s3://{self.bucket}/{self.key}#{self.version_id or f'{self.etag}/{self.sequencer}'}"

    def arrival(self, uploaded_at: datetime) -> tuple[datetime, datetime, str]:
        """Of two drops, the one with the greater arrival is newer.

        Both times have whole seconds only. Amazon S3's event reference says that sequencers can be compared for one
        key alone, after they are padded to one length. Between keys they only make the order total.
        """
        return uploaded_at, self.event_time, self.sequencer.rjust(64, "0")


def read_event(body: str) -> Drop | None:
    """The drop in an `Object Created` event. None for a "folder", whose key ends in a slash. Raises Malformed."""
    try:
        event = msgspec.json.decode(body, type=_Event)
    except msgspec.MsgspecError as error:
        raise Malformed(f"not an Object Created event: {error}") from error
    created = event.detail.object
    if created.key.endswith("/"):
        return None
    return Drop(
        bucket=event.detail.bucket.name,
        key=created.key,
        # While versioning is suspended, S3 gives every upload the version "null", which pins nothing.
        version_id=None if created.version_id == "null" else created.version_id,
        etag=created.etag,
        size=created.size,
        event_time=event.time,
        sequencer=created.sequencer,
    )


def check_size(size: int) -> None:
    """Raises Rejected for a size that Beanstalk does not accept."""
    if size == 0:
        raise Rejected("the file is empty; drop it again with its content")
    if size > MAX_BUNDLE_BYTES:
        raise Rejected(
            f"the file has {size / 2**20:.0f} MB, and Beanstalk accepts source bundles of up to 500 MB; "
            "make it smaller and drop it again"
        )


class _Bucket(msgspec.Struct, frozen=True):
    name: str


class _CreatedObject(msgspec.Struct, frozen=True, rename={"version_id": "version-id"}):
    key: Annotated[str, msgspec.Meta(min_length=1)]
    size: int = 0
    etag: str = ""
    version_id: str | None = None
    sequencer: str = ""


class _Detail(msgspec.Struct, frozen=True):
    bucket: _Bucket
    object: _CreatedObject


class _Event(msgspec.Struct, frozen=True):
    """The fields of EventBridge's envelope that Wardrop reads."""

    time: Annotated[datetime, msgspec.Meta(tz=True)]
    detail: _Detail
