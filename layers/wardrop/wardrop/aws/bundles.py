"""Reads bundles in the drop bucket, and copies them to the release bucket, from which Beanstalk deploys."""

import base64
import logging
from collections.abc import Collection, Iterator
from datetime import datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from enum import Enum
from typing import IO, TYPE_CHECKING, Any, cast

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from wardrop.aws.ranged_file import RangedFile
from wardrop.aws.s3_refusals import Refusal, code_of, final_refusal, rejection
from wardrop.drops.drop import Drop
from wardrop.drops.empty import NewestObject
from wardrop.drops.key import release_key
from wardrop.environments.version import Release
from wardrop.errors import Rejected
from wardrop.versions.inventory import StoredBundle

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

TAIL_BYTES = 128 * 1024
"""The number of bytes that the first request reads from the end of the file.

These bytes contain all of a small WAR, or the central directory of a larger WAR with a thousand entries.
"""

MOST_TAGS = 10
MOST_DELETED_AT_ONCE = 1000

_logger = logging.getLogger(__name__)


class BundleAccess(Enum):
    READABLE = "readable"
    GONE = "gone"
    DENIED = "denied"
    """If the role is not allowed to list the bucket, S3 also denies access to a bundle that does not exist."""


class Dropped(msgspec.Struct, frozen=True):
    """A dropped object. Only the end of its content has been downloaded."""

    file: IO[bytes]
    size: int
    uploaded_at: datetime
    metadata: dict[str, str]


class Bundles:
    def __init__(self, s3: "S3Client", release_bucket: str) -> None:
        self._s3 = s3
        self._release_bucket = release_bucket

    def open(self, drop: Drop) -> Dropped:
        """Opens the object version that the event names, with one request.

        Raises Rejected if a retry cannot succeed.
        """
        answer = self._read(drop, f"bytes=-{TAIL_BYTES}")
        size = int(answer["ContentRange"].rpartition("/")[2]) if "ContentRange" in answer else answer["ContentLength"]
        file = RangedFile(
            size,
            answer["Body"].read(),
            lambda start, end: self._read(drop, f"bytes={start}-{end - 1}")["Body"].read(),
        )
        metadata = {name: decoded(value) for name, value in answer["Metadata"].items()}
        return Dropped(cast("IO[bytes]", file), size, answer["LastModified"], metadata)

    def _read(self, drop: Drop, span: str) -> Any:
        try:
            return self._s3.get_object(Bucket=drop.bucket, Key=drop.key, Range=span, **_pin(drop))
        except ClientError as error:
            raise rejection(error, drop.key) from error

    def newest(self, drop: Drop) -> NewestObject | None:
        """Returns the newest object under the drop's key, or None if there is none.

        Raises Rejected if S3 does not allow Wardrop to read the object.
        """
        try:
            head = self._s3.head_object(Bucket=drop.bucket, Key=drop.key)
        except ClientError as error:
            if final_refusal(error) is Refusal.GONE:
                return None
            raise rejection(error, drop.key) from error
        return NewestObject(
            version_id=head.get("VersionId"),
            etag=head["ETag"].strip('"'),
            size=head["ContentLength"],
            uploaded_at=head["LastModified"],
        )

    def keep(self, drop: Drop, application: str) -> Release:
        """Copies the bundle to the release bucket. Raises Rejected.

        The copy's key depends only on the drop and the application.
        """
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
            there_already = code_of(error) in ("PreconditionFailed", "ConditionalRequestConflict")
            kept = self._current(key) if there_already else None
            if kept is None:
                raise rejection(error, drop.key) from error
            return kept
        return self._release(key, copy["VersionId"], copy["CopyObjectResult"]["ChecksumSHA256"])

    def prove(self, release: Release) -> str | None:
        """Returns the reason why the release cannot be deployed, or None if S3 still has its content under its key.

        Beanstalk stores only the bucket and the key, and deploys the current object version, whose content may differ
        from the release.
        """
        try:
            current = self._current(release.key)
        except Rejected as refusal:
            return f"cannot tell whether its bundle is unchanged, because {refusal.reason}"
        if current is None:
            return f"its bundle {release.place} does not exist any more"
        if (current.version_id, current.sha256) != (release.version_id, release.sha256):
            return f"its bundle {release.place} has been overwritten"
        return None

    def access(self, bucket: str, key: str) -> BundleAccess:
        """Tests whether this role can read a bundle that Wardrop did not copy. Raises errors that may be temporary."""
        try:
            self._s3.head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            match final_refusal(error):
                case None:
                    raise
                case Refusal.GONE:
                    return BundleAccess.GONE
                case _:
                    return BundleAccess.DENIED
        return BundleAccess.READABLE

    @property
    def release_bucket(self) -> str:
        return self._release_bucket

    def kept(self) -> Iterator[StoredBundle]:
        """Yields all object versions in the release bucket."""
        for page in self._s3.get_paginator("list_object_versions").paginate(Bucket=self._release_bucket):
            for listed in page.get("Versions", []):
                yield StoredBundle(
                    key=listed["Key"],
                    version_id=listed["VersionId"],
                    size=listed["Size"],
                    modified_at=listed["LastModified"],
                )

    def delete(self, bundles: Collection[StoredBundle]) -> dict[str, str]:
        """Deletes object versions permanently. Returns the errors by key. A missing object version is not an error."""
        errors, objects = {}, [{"Key": bundle.key, "VersionId": bundle.version_id} for bundle in bundles]
        for start in range(0, len(objects), MOST_DELETED_AT_ONCE):
            batch: Any = {"Objects": objects[start : start + MOST_DELETED_AT_ONCE], "Quiet": True}
            answer = self._s3.delete_objects(Bucket=self._release_bucket, Delete=batch)
            for error in answer.get("Errors", []):
                errors[error["Key"]] = f"{error['Code']}: {error.get('Message', '')}"
        return errors

    def _current(self, key: str) -> Release | None:
        """Raises Rejected."""
        try:
            head = self._s3.head_object(Bucket=self._release_bucket, Key=key, ChecksumMode="ENABLED")
        except ClientError as error:
            if final_refusal(error) is Refusal.GONE:
                return None
            raise rejection(error, key) from error
        return self._release(key, head["VersionId"], head.get("ChecksumSHA256", ""))

    def _release(self, key: str, version_id: str, checksum: str) -> Release:
        return Release(
            bucket=self._release_bucket,
            key=key,
            version_id=version_id,
            sha256=base64.b64decode(checksum).hex(),
        )

    def tag(self, drop: Drop, tags: dict[str, str]) -> None:
        """Adds tags to the object version of the drop, without changing the user's own tags.

        S3 allows ten tags in total, so the last of the new tags may be omitted. An error is only logged, because no
        decision depends on the tags.
        """
        where: Any = {"Bucket": drop.bucket, "Key": drop.key}
        if drop.version_id:
            where["VersionId"] = drop.version_id
        try:
            present = self._s3.get_object_tagging(**where)["TagSet"]
            user_tags = {tag["Key"]: tag["Value"] for tag in present if tag["Key"] not in tags}
            merged = user_tags | dict(list(tags.items())[: MOST_TAGS - len(user_tags)])
            tag_set: Any = [{"Key": key, "Value": value} for key, value in merged.items()]
            self._s3.put_object_tagging(**where, Tagging={"TagSet": tag_set})
        except (ClientError, BotoCoreError) as error:
            _logger.warning("%s could not be tagged: %s", drop.id, error)


def decoded(value: str) -> str:
    """Decodes user metadata. S3 returns non-ASCII metadata as RFC 2047 encoded words.

    A value that cannot be decoded is returned unchanged.
    """
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, ValueError, LookupError):
        return value


def _pin(drop: Drop) -> Any:
    return {"VersionId": drop.version_id} if drop.version_id else {"IfMatch": drop.etag}
