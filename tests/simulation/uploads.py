"""The drop bucket, and the queue of its events, which may be lost, late, duplicated or out of order."""

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from tests.simulation.chance import Chance, Clock
from tests.unit.samples import WAR, archive
from wardrop.aws.bundles import Dropped
from wardrop.aws.drop_bucket import ObjectPage
from wardrop.drops.delivery import Delivery
from wardrop.drops.drop import Drop
from wardrop.drops.empty import NewestObject
from wardrop.drops.key import release_key
from wardrop.drops.lost import ListedObject, Position
from wardrop.drops.receipt import Receipt
from wardrop.environments.version import Release


@dataclass(frozen=True)
class Content:
    """The bytes of an upload, and the behaviour of a version with these bytes."""

    name: str
    is_bad: bool = False
    fails_checks: bool = False
    instance_type: str | None = None
    """The instance type that the files of the bundle set."""

    @cached_property
    def data(self) -> bytes:
        files = WAR | {"index.jsp": self.name.encode()}
        if self.instance_type:
            option = f"aws:autoscaling:launchconfiguration: {{InstanceType: {self.instance_type}}}"
            files[".ebextensions/a.config"] = f"option_settings: {{{option}}}".encode()
        return archive(files)

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


class NoContent(Content):
    """The first step of some uploads is an empty object."""

    @cached_property
    def data(self) -> bytes:
        return b""


EMPTY = NoContent("empty")


@dataclass(frozen=True)
class Upload:
    drop: Drop
    content: Content
    metadata: dict[str, str]
    at: datetime
    targets: list[str]
    """The environments to which the key leads."""

    promotes: bool

    @property
    def arrival(self) -> tuple[datetime, datetime, str]:
        return self.drop.arrival(self.at)


@dataclass(frozen=True)
class Received:
    """The result of a delivery."""

    upload: Upload
    receipt: Receipt
    is_new: bool
    """Whether this delivery wrote the receipt. Otherwise, the environment may have changed since."""

    is_held_too_long: bool
    """Whether the configuration could not be read for too long."""


class ModelBucket:
    """Replaces `Bundles` and `DropBucket`. The bucket has versioning."""

    name = "drops"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.uploads: dict[str, Upload] = {}
        """By id of the drop, the newest last."""

        self._kept: dict[str, Release] = {}

    def upload(self, key: str, content: Content, targets: list[str], **metadata: str) -> Upload:
        number, now = len(self.uploads) + 1, self._clock.now
        drop = Drop(
            bucket=self.name,
            key=key,
            version_id=f"o-{number}",
            etag=content.sha256[:32],
            size=len(content.data),
            event_time=now,
            sequencer=f"{number:016X}",
        )
        stated = {name.replace("_", "-"): value for name, value in metadata.items()}
        self.uploads[drop.id] = Upload(drop, content, stated, now, targets, promotes=key.count("/") == 1)
        return self.uploads[drop.id]

    @property
    def newest_uploads(self) -> Iterator[Upload]:
        """The newest upload of each key."""
        yield from {upload.drop.key: upload for upload in self.uploads.values()}.values()

    # Bundles

    def open(self, drop: Drop) -> Dropped:
        upload = self.uploads[drop.id]
        return Dropped(io.BytesIO(upload.content.data), drop.size, upload.at, upload.metadata)

    def newest(self, drop: Drop) -> NewestObject:
        newest = next(upload for upload in self.newest_uploads if upload.drop.key == drop.key)
        return NewestObject(
            version_id=newest.drop.version_id, etag=newest.drop.etag, size=newest.drop.size, uploaded_at=newest.at
        )

    def keep(self, drop: Drop, application: str) -> Release:
        key, sha256 = release_key(drop, application), self.uploads[drop.id].content.sha256
        return self._kept.setdefault(key, Release(bucket="releases", key=key, version_id="1", sha256=sha256))

    def content_of(self, key: str) -> Content:
        """The content of a bundle in the release bucket."""
        sha256 = self._kept[key].sha256
        return next(upload.content for upload in self.uploads.values() if upload.content.sha256 == sha256)

    def prove(self, _release: Release) -> None:
        """The content of a bundle never changes."""

    def tag(self, drop: Drop, tags: dict[str, str]) -> None:
        """No decision depends on the tags."""

    # The list for sweeps

    def list(self, _after: Position | None) -> ObjectPage:
        newest = {upload.drop.id for upload in self.newest_uploads}
        objects = [
            ListedObject(
                key=upload.drop.key,
                version_id=upload.drop.version_id,
                etag=upload.drop.etag,
                size=upload.drop.size,
                modified_at=upload.at,
                is_newest=upload.drop.id in newest,
            )
            for upload in self.uploads.values()
        ]
        return ObjectPage(objects, None)


@dataclass(eq=False)
class Message:
    drop: Drop
    first_at: datetime | None = None
    """The time of the first delivery. None: the message was not delivered yet."""

    hidden_until: datetime | None = None
    """The time before which the message is not delivered again."""


@dataclass
class EventQueue:
    """The queue of drops. A message stays in the queue until the drop is processed without an error."""

    clock: Clock
    chance: Chance
    messages: list[Message] = field(default_factory=list)

    def happened(self, drop: Drop) -> None:
        """S3 reports an upload."""
        if not self.chance.strikes(0.4):
            self.send([drop])
            self.send([drop] if self.chance.strikes(0.4) else [])

    def send(self, drops: Iterable[Drop]) -> None:
        self.messages += map(Message, drops)

    def deliver(self, process: Callable[[Delivery], int | None]) -> None:
        """Delivers messages in any order. A message may be late. A message that is not processed remains.

        `process` returns the seconds after which a message is delivered again, or None if it is processed.
        """
        self.chance.dice.shuffle(self.messages)
        for message in [message for message in self.messages if not self.chance.strikes(0.5)]:
            if message.hidden_until and message.hidden_until > self.clock.now:
                continue
            is_first, message.first_at = message.first_at is None, message.first_at or self.clock.now
            hidden = process(Delivery(message.drop, self.clock.ours, message.first_at, is_first))
            if hidden is None:
                self.messages.remove(message)
            else:
                message.hidden_until = self.clock.now + timedelta(seconds=hidden)
