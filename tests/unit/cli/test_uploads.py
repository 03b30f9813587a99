"""Uploads during faults of the network, and uploads of files that change."""

import zipfile
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from wardrop_cli.aws.uploads import (
    LONGEST_PAUSE,
    MOST_SECONDS_WITHOUT_NETWORK,
    PART_BYTES,
    Destination,
    Reports,
    Upload,
)
from wardrop_cli.bundle_file import BundleFile, checked_file
from wardrop_cli.exit_codes import ExitCode
from wardrop_cli.failures import Failure

TO = Destination("drops", "shop/shop-1.war", {"dropped-by": "jane"})
LOST = EndpointConnectionError(endpoint_url="https://s3")


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "x"}}, "PutObject")


class S3:
    """Answers the first calls with `answers`, and later calls as S3 does."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.calls: list[str] = []

    def _call(self, name: str, answer: dict[str, Any]) -> dict[str, Any]:
        self.calls.append(name)
        given = self.answers.pop(0) if self.answers else answer
        if callable(given):
            given = given()
        if isinstance(given, BaseException):
            raise given
        return dict(given)

    def put_object(self, **_: Any) -> dict[str, Any]:
        return self._call("put", {"VersionId": "v1"})

    def create_multipart_upload(self, **_: Any) -> dict[str, Any]:
        return self._call("create", {"UploadId": "u"})

    def upload_part(self, **given: Any) -> dict[str, Any]:
        return self._call(f"part {given['PartNumber']}", {"ETag": "e", "ChecksumCRC32": "c"})

    def complete_multipart_upload(self, **given: Any) -> dict[str, Any]:
        assert all(part["ChecksumCRC32"] for part in given["MultipartUpload"]["Parts"])
        return self._call("complete", {"VersionId": "v2"})

    def abort_multipart_upload(self, **_: Any) -> dict[str, Any]:
        return self._call("abort", {})


class Run:
    def __init__(self, s3: S3) -> None:
        self.notes: list[str] = []
        self.sent = 0
        self.paused: list[float] = []
        self.upload = Upload(s3, Reports(self._advance, self.notes.append), self.paused.append)

    def _advance(self, count: int) -> None:
        self.sent += count


def file(folder: Path, size: int = 100) -> BundleFile:
    path = folder / "shop-1.war"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("WEB-INF/x", bytes(size))
    return checked_file(path)


def large(folder: Path) -> BundleFile:
    return file(folder, 2 * PART_BYTES)


def test_a_small_file_is_one_request_and_a_large_one_has_parts(tmp_path: Path) -> None:
    run = Run(s3 := S3())
    assert run.upload(file(tmp_path), TO) == "v1"
    run = Run(s3 := S3())
    bundle = large(tmp_path)
    assert run.upload(bundle, TO) == "v2"
    assert s3.calls == ["create", "part 1", "part 2", "part 3", "complete"]
    assert run.sent == bundle.size


def test_an_upload_continues_when_the_network_is_back(tmp_path: Path) -> None:
    run = Run(s3 := S3({"UploadId": "u"}, {"ETag": "e", "ChecksumCRC32": "c"}, LOST, LOST, refusal("SlowDown")))
    assert run.upload(large(tmp_path), TO) == "v2"
    assert s3.calls == ["create", "part 1", "part 2", "part 2", "part 2", "part 2", "part 3", "complete"]
    assert [note.partition("; ")[2] or note for note in run.notes] == [
        "the upload continues when the network is back",
        "the network is back, and the upload continues",
    ]


def test_an_upload_gives_up_after_ten_minutes_without_network(tmp_path: Path) -> None:
    run = Run(S3(*[LOST] * 1000))
    with pytest.raises(Failure, match="AWS cannot be reached") as raised:
        run.upload(file(tmp_path), TO)
    assert raised.value.exit_code is ExitCode.NOT_REACHED
    assert MOST_SECONDS_WITHOUT_NETWORK <= sum(run.paused) < MOST_SECONDS_WITHOUT_NETWORK + LONGEST_PAUSE


@pytest.mark.parametrize(
    ("code", "text"),
    [("AccessDenied", "may not call"), ("ExpiredToken", "have expired"), ("RequestTimeTooSkewed", "refuses the time")],
)
def test_what_does_not_pass_is_explained_at_once(tmp_path: Path, code: str, text: str) -> None:
    run = Run(s3 := S3(refusal(code)))
    with pytest.raises(Failure, match=text):
        run.upload(file(tmp_path), TO)
    assert (s3.calls, run.paused) == (["put"], [])


def test_a_failed_upload_leaves_no_parts(tmp_path: Path) -> None:
    run = Run(s3 := S3({"UploadId": "u"}, refusal("AccessDenied")))
    with pytest.raises(Failure):
        run.upload(large(tmp_path), TO)
    assert s3.calls == ["create", "part 1", "abort"]
    run = Run(s3 := S3({"UploadId": "u"}, KeyboardInterrupt(), refusal("AccessDenied")))
    with pytest.raises(KeyboardInterrupt):
        run.upload(large(tmp_path), TO)
    assert "the uploaded parts could not be deleted" in run.notes[0]


def test_no_parts_are_reported_if_s3_has_stored_the_object(tmp_path: Path) -> None:
    part = {"ETag": "e", "ChecksumCRC32": "c"}
    run = Run(S3({"UploadId": "u"}, part, part, part, KeyboardInterrupt(), refusal("NoSuchUpload")))
    with pytest.raises(KeyboardInterrupt):
        run.upload(large(tmp_path), TO)
    assert (run.notes, run.upload.may_be_stored) == ([], True)


def test_a_file_that_changes_during_the_upload_is_not_dropped(tmp_path: Path) -> None:
    bundle = large(tmp_path)

    def change() -> dict[str, str]:
        bundle.path.write_bytes(b"other")
        return {"ETag": "e", "ChecksumCRC32": "c"}

    run = Run(s3 := S3({"UploadId": "u"}, change))
    with pytest.raises(Failure, match="was changed during the upload"):
        run.upload(bundle, TO)
    assert s3.calls[-1] == "abort"


def test_a_file_that_disappears_before_the_upload_is_explained(tmp_path: Path) -> None:
    bundle = file(tmp_path)
    bundle.path.unlink()
    with pytest.raises(Failure, match="cannot be read: No such file"):
        Run(S3()).upload(bundle, TO)


@pytest.mark.parametrize("version", [None, "null"])
def test_a_bucket_without_versioning_returns_no_version(tmp_path: Path, version: str | None) -> None:
    assert Run(S3({"VersionId": version} if version else {})).upload(file(tmp_path), TO) is None
