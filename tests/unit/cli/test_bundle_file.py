"""Files are checked before they are uploaded."""

import os
import zipfile
from pathlib import Path

import pytest

from wardrop_cli.bundle_file import MAX_BYTES, checked_file
from wardrop_cli.exit_codes import ExitCode
from wardrop_cli.failures import Failure


def war(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return path


def failure(path: Path) -> Failure:
    with pytest.raises(Failure) as raised:
        checked_file(path)
    assert "\n" not in raised.value.text
    return raised.value


def test_a_war_is_accepted(tmp_path: Path) -> None:
    path = war(tmp_path / "shop-1.WAR", "WEB-INF/web.xml")
    assert checked_file(path).size == path.stat().st_size


def test_a_zip_needs_no_web_inf(tmp_path: Path) -> None:
    assert checked_file(war(tmp_path / "shop-1.zip", "index.html")).name == "shop-1.zip"


def test_a_missing_file_is_reported_with_the_files_beside_it(tmp_path: Path) -> None:
    war(tmp_path / "shop-2.war", "WEB-INF/web.xml")
    missing = failure(tmp_path / "shop-1.war")
    assert (missing.exit_code, "shop-2.war" in missing.text) == (ExitCode.USAGE, True)
    assert "there is no file" in failure(tmp_path / "none" / "shop-1.war").text


def test_what_is_no_file_is_a_usage_error(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.war")
    for path, text in ((tmp_path, "is a directory"), (tmp_path / "pipe.war", "is not a regular file")):
        assert text in failure(path).text
    assert failure(Path("shop\0.war")).exit_code is ExitCode.USAGE


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("shop.tar", b"x", "does not end in .war, .zip or .jar"),
        ("shop.war", b"", "is not a WAR file"),
        ("shop.war", b"<html>404</html>", "is not a WAR file"),
        ("shop.jar", b"PK\x03\x04 cut", "is not a JAR file"),
    ],
)
def test_what_the_stack_would_reject_is_not_uploaded(tmp_path: Path, name: str, content: bytes, text: str) -> None:
    (tmp_path / name).write_bytes(content)
    rejected = failure(tmp_path / name)
    assert (rejected.exit_code, text in rejected.text) == (ExitCode.REJECTED, True)


def test_a_war_without_web_inf_and_a_file_that_is_too_large_are_rejected(tmp_path: Path) -> None:
    assert "has no WEB-INF" in failure(war(tmp_path / "a.war", "index.html")).text
    with (tmp_path / "b.war").open("wb") as large:
        large.truncate(MAX_BYTES + 1)
    assert "accepts at most 500 MB" in failure(tmp_path / "b.war").text


def test_a_file_that_changes_is_noticed(tmp_path: Path) -> None:
    file = checked_file(war(tmp_path / "shop-1.war", "WEB-INF/web.xml"))
    file.check_unchanged()
    file.path.write_bytes(b"other")
    with pytest.raises(Failure, match="was changed during the upload"):
        file.check_unchanged()
    file.path.unlink()
    with pytest.raises(Failure, match="cannot be read"):
        file.check_unchanged()
