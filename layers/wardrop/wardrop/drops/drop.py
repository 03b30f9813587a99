"""A drop: one object version in the drop bucket, which S3 reports in an `Object Created` event."""

from datetime import datetime
from typing import Annotated

import msgspec

from wardrop.errors import Rejected
from wardrop.foreign_json import decode

MAX_BUNDLE_BYTES = 500 * 1024 * 1024
"""The maximum size of a source bundle (AWS developer guide, quotas)."""


class Drop(msgspec.Struct, frozen=True, kw_only=True):
    bucket: str
    key: str
    version_id: str | None
    """The version id of the object. None: the bucket has no versioning, and the ETag identifies the content."""

    etag: str
    size: int
    event_time: datetime
    sequencer: str

    @property
    def id(self) -> str:
        """The id of the drop. Repeated deliveries of one event have the same id."""
        return f"s3://{self.bucket}/{self.key}#{self.version_id or f'{self.etag}/{self.sequencer}'}"

    def arrival(self, uploaded_at: datetime) -> tuple[datetime, datetime, str]:
        """Returns the value by which drops are ordered. A newer drop has a greater value.

        Times have only whole seconds, so S3's sequencer decides if times are equal. Sequencers of the same key are
        compared as text after the shorter one is padded on the right with zeros (S3 user guide, "Event message
        structure"). Removing the final zeros results in the same order. Sequencers of different keys have no defined
        order.
        """
        return uploaded_at, self.event_time, self.sequencer.upper().rstrip("0")


def read_event(body: str) -> Drop | None:
    """Reads the drop in an `Object Created` event. Raises Malformed.

    Returns None if the object is a "folder", with a slash at the end of its key.
    """
    event = decode(body, _Event, "an Object Created event")
    created = event.detail.object
    if created.key.endswith("/"):
        return None
    return Drop(
        bucket=event.detail.bucket.name,
        key=created.key,
        # While versioning is suspended, every upload has the version id "null", which does not identify the content.
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
            f"the file has {size / 2**20:.0f} MB, but Beanstalk accepts source bundles of up to 500 MB; "
            "make it smaller and drop it again"
        )


Name = Annotated[str, msgspec.Meta(max_length=1024)]
"""A name or an id in S3. It has at most 1,024 bytes (S3 user guide, "Naming Amazon S3 objects")."""


class _Bucket(msgspec.Struct, frozen=True):
    name: Name


class _CreatedObject(msgspec.Struct, frozen=True, rename={"version_id": "version-id"}):
    key: Annotated[Name, msgspec.Meta(min_length=1)]
    size: Annotated[int, msgspec.Meta(ge=0)] = 0
    etag: Name = ""
    version_id: Name | None = None
    sequencer: Name = ""


class _Detail(msgspec.Struct, frozen=True):
    bucket: _Bucket
    object: _CreatedObject


class _Event(msgspec.Struct, frozen=True):
    """The fields of EventBridge's envelope that Wardrop reads."""

    time: Annotated[datetime, msgspec.Meta(tz=True)]
    detail: _Detail
