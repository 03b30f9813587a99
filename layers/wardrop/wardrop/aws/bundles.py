"""Bundles in S3: read where they were dropped, kept where Beanstalk deploys from.

The only module that knows S3.
"""

import base64
import io
import logging
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from email.header import decode_header, make_header
from typing import IO, TYPE_CHECKING, Any, cast

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from wardrop.drops.drop import Drop, release_key
from wardrop.environments.version import Release
from wardrop.errors import Rejected
from wardrop.versions.inventory import StoredBundle

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

TAIL_BYTES = 128 * 1024
"""Enough for the directory of a WAR with a thousand entries, and for a small WAR as a whole."""

READ_AHEAD_BYTES = 64 * 1024
MOST_BYTES_AT_ONCE = 12 * 2**20
"""Enough for the directory of a hundred thousand entries; what zipfile makes of it takes ten times as much."""
MOST_TAGS = 10
MOST_DELETED_AT_ONCE = 1000

_logger = logging.getLogger(__name__)


class RangedFile(io.RawIOBase):
    """A seekable file of which only what is read is fetched, by `fetch(start, end)`, end exclusive."""

    def __init__(self, size: int, tail: bytes, fetch: Callable[[int, int], bytes]) -> None:
        self._size = size
        self._parts: list[tuple[int, bytes]] = [(size - len(tail), tail)]
        self._fetch = fetch
        self._at = 0

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            # Of a file that is too short to be a zip, zipfile expects what a real one raises.
            raise (OSError if whence == io.SEEK_END else ValueError)("before the beginning of the file")
        self._at = start + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1) -> bytes:
        wanted = max(0, self._size - self._at if size < 0 else min(size, self._size - self._at))
        if wanted > MOST_BYTES_AT_ONCE:
            raise ValueError(f"its directory is larger than {MOST_BYTES_AT_ONCE // 2**20} MB")
        read = bytearray()
        while len(read) < wanted:
            part = self._part(self._at, wanted - len(read))
            read += part
            self._at += len(part)
        return bytes(read)

    def _part(self, at: int, wanted: int) -> bytes:
        for start, content in self._parts:
            if start <= at < start + len(content):
                return content[at - start : at - start + wanted]
        known = [start for start, _ in self._parts if start > at]
        end = min([*known, at + max(wanted, READ_AHEAD_BYTES)])
        content = self._fetch(at, end)
        if len(content) != end - at:
            raise EOFError(f"{end - at} bytes were asked for at {at}, {len(content)} came")
        self._parts.append((at, content))
        return content[:wanted]


class Dropped(msgspec.Struct, frozen=True):
    """A dropped object, opened: nothing but its tail has been read."""

    file: IO[bytes]
    size: int
    uploaded_at: datetime
    metadata: dict[str, str]


class Bundles:
    def __init__(self, s3: "S3Client", release_bucket: str) -> None:
        self._s3 = s3
        self._release_bucket = release_bucket

    def open(self, drop: Drop) -> Dropped:
        """The event's object version, in one request. Raises Rejected if it is not there any more."""
        answer = self._read(drop, f"bytes=-{TAIL_BYTES}")
        size = int(answer["ContentRange"].rpartition("/")[2]) if "ContentRange" in answer else answer["ContentLength"]
        file = RangedFile(
            size,
            answer["Body"].read(),
            lambda start, end: self._read(drop, f"bytes={start}-{end - 1}")["Body"].read(),
        )
        metadata = {name: _decoded(value) for name, value in answer["Metadata"].items()}
        return Dropped(cast("IO[bytes]", file), size, answer["LastModified"], metadata)

    def _read(self, drop: Drop, span: str) -> Any:
        try:
            return self._s3.get_object(Bucket=drop.bucket, Key=drop.key, Range=span, **_pin(drop))
        except ClientError as error:
            raise _gone(drop, error) from error

    def keep(self, drop: Drop, application: str) -> Release:
        """Copy the bundle inside S3; the same drop always ends under the same key. Raises Rejected."""
        key = release_key(drop, application)
        source: dict[str, str] = {"Bucket": drop.bucket, "Key": drop.key}
        pin = {"CopySourceIfMatch": drop.etag}
        if drop.version_id:
            source["VersionId"], pin = drop.version_id, {}
        try:
            copy = self._s3.copy_object(
                Bucket=self._release_bucket,
                Key=key,
                CopySource=cast("Any", source),
                IfNoneMatch="*",
                ChecksumAlgorithm="SHA256",
                TaggingDirective="REPLACE",
                **cast("Any", pin),
            )
        except ClientError as error:
            there_already = _code(error) in ("PreconditionFailed", "ConditionalRequestConflict")
            kept = self._current(key) if there_already else None
            if kept is None:
                raise _gone(drop, error) from error
            return kept
        return self._release(key, copy["VersionId"], copy["CopyObjectResult"]["ChecksumSHA256"])

    def prove(self, release: Release) -> str | None:
        """None if S3 still has the recorded bytes under the recorded key; else what is wrong, for people.

        Beanstalk remembers bucket and key alone, so what is current there is what would be deployed.
        """
        current = self._current(release.key)
        if current is None:
            return f"its bundle {release.place} is gone"
        if (current.version_id, current.sha256) != (release.version_id, release.sha256):
            return f"its bundle {release.place} has been overwritten since"
        return None

    @property
    def release_bucket(self) -> str:
        return self._release_bucket

    def kept(self) -> Iterator[StoredBundle]:
        """Every object version in the release bucket."""
        for page in self._s3.get_paginator("list_object_versions").paginate(Bucket=self._release_bucket):
            for listed in page.get("Versions", []):
                yield StoredBundle(
                    key=listed["Key"],
                    version_id=listed["VersionId"],
                    size=listed["Size"],
                    modified_at=listed["LastModified"],
                )

    def delete(self, bundles: Collection[StoredBundle]) -> dict[str, str]:
        """Delete these very object versions, for a delete marker would free nothing.

        Returns what went wrong, by key. One that is not there any more is no error of S3's.
        """
        wrong, waiting = {}, list(bundles)
        for start in range(0, len(waiting), MOST_DELETED_AT_ONCE):
            named: Any = [
                {"Key": one.key, "VersionId": one.version_id} for one in waiting[start : start + MOST_DELETED_AT_ONCE]
            ]
            answer = self._s3.delete_objects(Bucket=self._release_bucket, Delete={"Objects": named, "Quiet": True})
            for one in answer.get("Errors", []):
                wrong[one["Key"]] = f"{one['Code']}: {one.get('Message', '')}"
        return wrong

    def _current(self, key: str) -> Release | None:
        try:
            head = self._s3.head_object(Bucket=self._release_bucket, Key=key, ChecksumMode="ENABLED")
        except ClientError as error:
            if _code(error) in ("404", "NoSuchKey"):
                return None
            raise
        return self._release(key, head["VersionId"], head.get("ChecksumSHA256", ""))

    def _release(self, key: str, version_id: str, checksum: str) -> Release:
        return Release(
            bucket=self._release_bucket,
            key=key,
            version_id=version_id,
            sha256=base64.b64decode(checksum).hex(),
        )

    def tag(self, drop: Drop, tags: dict[str, str]) -> None:
        """Add tags to the very object version of the drop; a refusal is logged, for a tag is only a courtesy.

        The user's own tags stay. S3 allows ten in all: what has no room is left out, the last first.
        """
        where: Any = {"Bucket": drop.bucket, "Key": drop.key}
        if drop.version_id:
            where["VersionId"] = drop.version_id
        try:
            present = self._s3.get_object_tagging(**where)["TagSet"]
            theirs = {tag["Key"]: tag["Value"] for tag in present if tag["Key"] not in tags}
            merged = theirs | dict(list(tags.items())[: MOST_TAGS - len(theirs)])
            tag_set: Any = [{"Key": key, "Value": value} for key, value in merged.items()]
            self._s3.put_object_tagging(**where, Tagging={"TagSet": tag_set})
        except (ClientError, BotoCoreError) as error:
            _logger.warning("%s could not be tagged: %s", drop.id, error)


def _decoded(value: str) -> str:
    """S3 gives user metadata with other than ASCII in it as RFC 2047 words."""
    try:
        return str(make_header(decode_header(value)))
    except (ValueError, LookupError):
        return value


def _pin(drop: Drop) -> Any:
    return {"VersionId": drop.version_id} if drop.version_id else {"IfMatch": drop.etag}


def _code(error: ClientError) -> str:
    return error.response["Error"]["Code"]


def _gone(drop: Drop, error: ClientError) -> Exception:
    match _code(error):
        case "NoSuchKey" | "NoSuchVersion" | "404":
            return Rejected(f"{drop.key} was deleted before it could be read")
        case "PreconditionFailed" | "412":
            return Rejected(f"{drop.key} was overwritten while it was read; the newer upload counts")
        case "InvalidRange":
            return Rejected("the file is empty")
        case _:
            return error
