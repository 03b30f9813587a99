"""What a dropped file says of itself: where it goes, which version it is, and its place in line."""

import hashlib
import re
from datetime import datetime
from typing import Annotated

import msgspec

from wardrop.environments.version import key_prefix, plain
from wardrop.errors import Malformed, Rejected

ENDINGS = (".war", ".zip", ".jar")
MAX_BUNDLE_BYTES = 500 * 1024 * 1024
"""The limit that Beanstalk's quotas page gives for a source bundle."""

MAX_APPLICATION = 100
MAX_LABEL = 100
MAX_DESCRIPTION = 200
MAX_TAG_VALUE = 256


class Bucket(msgspec.Struct, frozen=True):
    name: str


class S3Object(msgspec.Struct, frozen=True, rename={"version_id": "version-id"}):
    key: Annotated[str, msgspec.Meta(min_length=1)]
    size: int = 0
    etag: str = ""
    version_id: str | None = None
    sequencer: str = ""


class Detail(msgspec.Struct, frozen=True):
    bucket: Bucket
    object: S3Object


class Envelope(msgspec.Struct, frozen=True):
    time: Annotated[datetime, msgspec.Meta(tz=True)]
    detail: Detail


class Drop(msgspec.Struct, frozen=True, kw_only=True):
    """One object version that S3 told of."""

    bucket: str
    key: str
    version_id: str | None
    etag: str
    size: int
    event_time: datetime
    sequencer: str

    @property
    def id(self) -> str:
        """The same for every delivery of the same event, and for nothing else."""
        return f"s3://{self.bucket}/{self.key}#{self.version_id or f'{self.etag}/{self.sequencer}'}"


def read_event(body: str) -> Drop | None:
    """The drop in an `Object Created` envelope; None for a "folder"; raises Malformed."""
    try:
        envelope = msgspec.json.decode(body, type=Envelope)
    except msgspec.MsgspecError as error:
        raise Malformed(f"not an Object Created event: {error}") from error
    dropped = envelope.detail.object
    if dropped.key.endswith("/"):
        return None
    return Drop(
        bucket=envelope.detail.bucket.name,
        key=dropped.key,
        # While a bucket's versioning is suspended every upload is the version "null", which pins nothing.
        version_id=None if dropped.version_id == "null" else dropped.version_id,
        etag=dropped.etag,
        size=dropped.size,
        event_time=envelope.time,
        sequencer=dropped.sequencer,
    )


class Address(msgspec.Struct, frozen=True):
    """What a key says: `<application>/<environment>/<file>`, or `<application>/<file>`."""

    application: str
    environment: str | None
    file: str

    @property
    def ending(self) -> str:
        return self.file[-4:].lower()


def application_of(key: str, prefix: str = "") -> str | None:
    """Whose team is to hear of it, also where the key cannot be a drop's; nobody has asked whether it is there."""
    first, _, rest = key.removeprefix(prefix).partition("/")
    return first if first and rest else None


def read_key(key: str, prefix: str = "") -> Address:
    """The key as it comes, never decoded: decoding could deploy another object. Raises Rejected."""
    parts = key.removeprefix(prefix).split("/")
    match parts:
        case [application, file]:
            address = Address(application, None, file)
        case [application, environment, file]:
            address = Address(application, environment, file)
        case _:
            raise Rejected(
                f"{key} is not <application>/<environment>/<file> or <application>/<file>; "
                "drop it again under such a key"
            )
    if len(address.application) > MAX_APPLICATION:
        raise Rejected(f"no application has a name of more than {MAX_APPLICATION} characters: {address.application}")
    if not all(parts):
        raise Rejected(f"{key} has an empty part; drop it as <application>/<environment>/<file>")
    if address.file.lower() in ENDINGS:
        raise Rejected(f"{address.file} has no name before its ending")
    if address.ending not in ENDINGS:
        raise Rejected(f"{address.file} does not end in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}")
    return address


def check_size(size: int) -> None:
    """Raises Rejected for what Beanstalk would not take."""
    if size == 0:
        raise Rejected("the file is empty")
    if size > MAX_BUNDLE_BYTES:
        raise Rejected(f"the file has {size / 2**20:.0f} MB; Beanstalk takes source bundles of up to 500 MB")


def arrival(uploaded_at: datetime, drop: Drop) -> tuple[datetime, datetime, str]:
    """Of two drops the one with the greater arrival is the newer.

    Both times have whole seconds only. Sequencers are comparable for one key alone, by Amazon S3's event
    reference, and only when padded to one length; between keys they merely make the order total.
    """
    return uploaded_at, drop.event_time, drop.sequencer.rjust(64, "0")


def label_of(
    file: str, *, stated: str | None, application: str, implementation_version: str | None, content_hash: str
) -> str:
    """The version label that a drop asks for; the ledger may still have it under other bytes.

    A label stated in the metadata is taken as it is meant. A file's name is taken where it tells versions
    apart: names without any digit, and snapshots, are made distinct by the content.
    """
    if stated and (label := _safe(stated)):
        return label
    name = _safe(file[: -len(".war")]) or _safe(application)
    if not re.search(r"\d", name) and implementation_version and (version := _safe(implementation_version)):
        name = f"{name}-{version}"[:MAX_LABEL].lstrip("-")
    if not re.search(r"\d", name) or name.upper().endswith("-SNAPSHOT"):
        return distinct(name, content_hash)
    return name


def distinct(label: str, content_hash: str) -> str:
    """The label for other bytes under a label that is taken."""
    suffix = f"-{content_hash[:8]}"
    return (label[: MAX_LABEL - len(suffix)] + suffix).lstrip("-")


def describe(drop: Drop, uploaded_at: datetime, dropped_by: str | None) -> str:
    """The version's description. S3 knows only the account, so `dropped_by` is a claim and reads as one."""
    when = uploaded_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    tail = f", dropped {when}" + (f", by {_printable(dropped_by)[:60]} as stated" if dropped_by else "")
    room = MAX_DESCRIPTION - len(tail)
    key = _printable(drop.key)
    return (key if len(key) <= room else f"{key[: room - 3]}...") + tail


def tag_value(text: str) -> str:
    """A sentence in S3's tag alphabet, at most 256 characters."""
    plain = re.sub(r"[^A-Za-z0-9 +\-=._:/@]+", " ", text.replace(";", " -"))
    return re.sub(r" +", " ", plain).strip()[:MAX_TAG_VALUE].strip()


def _safe(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text)[:MAX_LABEL].strip("-")


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)


def release_key(drop: Drop, application: str) -> str:
    """Made from where the bundle came from, so that no two object versions share one."""
    origin = hashlib.sha256(drop.id.encode()).hexdigest()[:32]
    return f"{key_prefix(application)}/{origin}/{plain(drop.key.rpartition('/')[2])[-100:]}"
