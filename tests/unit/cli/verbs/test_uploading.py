"""An interrupted upload states whether the file was dropped only if this is known."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.unit.cli.test_uploads import S3, file, large
from wardrop_cli.failures import Interrupted
from wardrop_cli.verbs.uploading import upload

UNKNOWN = "it is not known whether the file was dropped. Check: wardrop status shop-staging"
PART = {"ETag": "e", "ChecksumCRC32": "c"}


def session(s3: S3) -> Any:
    outputs = SimpleNamespace(drop_prefix="", drop_bucket="drops")
    account = SimpleNamespace(outputs=outputs, client=lambda *_: s3)
    return SimpleNamespace(account=account, settings=SimpleNamespace(json=True))


@pytest.mark.parametrize("answers", [(), ({"UploadId": "u"},), ({"UploadId": "u"}, PART)])
def test_an_upload_that_is_interrupted_before_its_last_request_drops_nothing(tmp_path: Path, answers: Any) -> None:
    with pytest.raises(Interrupted, match="nothing was dropped"):
        upload(session(S3(*answers, KeyboardInterrupt())), large(tmp_path), ("shop", "shop-staging"), {})


def test_an_upload_that_is_interrupted_in_its_only_request_does_not_say_that_nothing_was_dropped(
    tmp_path: Path,
) -> None:
    with pytest.raises(Interrupted, match=UNKNOWN):
        upload(session(S3(KeyboardInterrupt())), file(tmp_path), ("shop", "shop-staging"), {})


def test_an_upload_that_is_interrupted_at_its_completion_does_not_say_that_nothing_was_dropped(tmp_path: Path) -> None:
    s3 = S3({"UploadId": "u"}, PART, PART, PART, KeyboardInterrupt())
    with pytest.raises(Interrupted, match=UNKNOWN):
        upload(session(s3), large(tmp_path), ("shop", "shop-staging"), {})
    assert s3.calls[-1] == "abort"
