"""Uploads a file to the drop bucket, and continues after the network has failed."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection

from wardrop_cli.aws.explain import explanation
from wardrop_cli.bundle_file import BundleFile, unreadable

T = TypeVar("T")

PART_BYTES = 8 * 2**20
PATIENCE = Config(
    connect_timeout=5, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 3}, signature_version="s3v4"
)
NETWORK = (HTTPClientError, NoConnection)
MOST_SECONDS_WITHOUT_NETWORK = 600
LONGEST_PAUSE = 15
NO_SUCH_UPLOAD = "NoSuchUpload"
TRANSIENT = frozenset({"500", "503", "InternalError", "SlowDown", "RequestTimeout", "ServiceUnavailable"})


@dataclass(frozen=True)
class Destination:
    bucket: str
    key: str
    metadata: dict[str, str]


@dataclass(frozen=True)
class Reports:
    """The reports of a running upload."""

    advance: Callable[[int], None]
    """Receives the number of bytes that were uploaded since the last call."""

    note: Callable[[str], None]
    """Receives a sentence about the network."""


class Upload:
    def __init__(self, s3: Any, reports: Reports, pause: Callable[[float], None] = time.sleep) -> None:
        self._s3 = s3
        self._reports = reports
        self._pause = pause
        self.may_be_stored = False
        """Whether the request that stores the object has begun. S3 may have the object even without a response."""

    def __call__(self, file: BundleFile, to: Destination) -> str | None:
        """The version id of the object. None: the bucket has no versioning. Raises Failure."""
        try:
            return self._in_parts(file, to) if file.size > PART_BYTES else self._whole(file, to)
        except (BotoCoreError, ClientError) as error:
            raise explanation(error) from error
        except OSError as error:
            raise unreadable(file.path, error) from error

    def _whole(self, file: BundleFile, to: Destination) -> str | None:
        content = file.path.read_bytes()
        file.check_unchanged()
        self.may_be_stored = True
        answer = self._persistently(
            lambda: self._s3.put_object(Bucket=to.bucket, Key=to.key, Body=content, Metadata=to.metadata)
        )
        self._reports.advance(len(content))
        return version_id(answer)

    def _in_parts(self, file: BundleFile, to: Destination) -> str | None:
        """Uploads the file in parts. If this fails, aborts the upload, because S3 charges for the parts."""
        place = {"Bucket": to.bucket, "Key": to.key}
        begun = self._persistently(
            lambda: self._s3.create_multipart_upload(**place, Metadata=to.metadata, ChecksumAlgorithm="CRC32")
        )
        upload = {**place, "UploadId": begun["UploadId"]}
        try:
            parts = self._parts(file, upload)
            file.check_unchanged()
            self.may_be_stored = True
            return version_id(
                self._persistently(
                    lambda: self._s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
                )
            )
        except BaseException:  # also an interruption by the user
            self._abort(upload)
            raise

    def _parts(self, file: BundleFile, upload: dict[str, Any]) -> list[dict[str, Any]]:
        parts: list[dict[str, Any]] = []
        with file.path.open("rb") as content:
            while part := content.read(PART_BYTES):
                file.check_unchanged()
                parts.append(self._part(part, len(parts) + 1, upload))
                self._reports.advance(len(part))
        return parts

    def _part(self, content: bytes, number: int, upload: dict[str, Any]) -> dict[str, Any]:
        answer = self._persistently(
            lambda: self._s3.upload_part(**upload, PartNumber=number, Body=content, ChecksumAlgorithm="CRC32")
        )
        checksum = {"ChecksumCRC32": answer["ChecksumCRC32"]} if "ChecksumCRC32" in answer else {}
        return {"PartNumber": number, "ETag": answer["ETag"], **checksum}

    def _abort(self, upload: dict[str, Any]) -> None:
        """Deletes the parts. After S3 has stored the object, there are no parts left."""
        try:
            self._s3.abort_multipart_upload(**upload)
        except (BotoCoreError, ClientError) as error:
            if _code_of(error) == NO_SUCH_UPLOAD:
                return
            text = explanation(error).text
            self._reports.note(f"the uploaded parts could not be deleted; the bucket's rules delete them later: {text}")

    def _persistently(self, call: Callable[[], T]) -> T:
        """Repeats the call while the network is lost, for at most ten minutes. S3 still stores the object only once."""
        waited = 0.0
        for number in range(1, 1000):
            try:
                result = call()
            except (*NETWORK, ClientError) as error:
                if not _may_pass(error) or waited >= MOST_SECONDS_WITHOUT_NETWORK:
                    raise
                if number == 1:
                    self._reports.note(f"{explanation(error).text}; the upload continues when the network is back")
                pause = min(float(number), LONGEST_PAUSE)
                self._pause(pause)
                waited += pause
            else:
                if number > 1:
                    self._reports.note("the network is back, and the upload continues")
                return result
        raise AssertionError("the time ends before the numbers do")


def _may_pass(error: Exception) -> bool:
    return not isinstance(error, ClientError) or _code_of(error) in TRANSIENT


def _code_of(error: Exception) -> str | None:
    """The code of the error in S3's response. None: S3 did not respond."""
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else None


def version_id(answer: dict[str, Any]) -> str | None:
    """Without versioning, S3 returns no version id. While versioning is suspended, it returns `null`."""
    given = answer.get("VersionId")
    return None if given in (None, "null") else str(given)
