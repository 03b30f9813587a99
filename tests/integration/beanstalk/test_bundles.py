"""The bundles that an instance can unpack, and the applications that answer at `/`."""

import io
import zipfile

import pytest

from local.beanstalk.bundles import answers, settings, unzips
from local.beanstalk.exceptions import InvalidParameterValue
from tests.bundles.bundle import Bundle
from tests.bundles.every import every_bundle
from tests.bundles.recipes import RECIPES


def war(files: dict[str, str | bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return written.getvalue()


SOUND = war({"index.jsp": "hello"})


@pytest.mark.parametrize(
    "files",
    [
        {"index.html": "", "WEB-INF/web.xml": "<web-app/>"},
        {"index.jsp": ""},
        {"WEB-INF/classes/shop/Home.class": b"\xca\xfe"},
        {"WEB-INF/lib/shop.jar": b"PK"},
        {"home.html": "", "WEB-INF/web.xml": "<web-app><welcome-file>home.html</welcome-file></web-app>"},
        {"META-INF/MANIFEST.MF": "Main-Class: shop.Main\n", "shop/Main.class": b"\xca\xfe"},
        {"ROOT.war": SOUND, "admin.war": SOUND},
        {"application.jar": b"PK", "Procfile": "web: java -jar application.jar"},
    ],
)
def test_a_bundle_with_root_content_or_code_answers(files: dict[str, str | bytes]) -> None:
    assert answers(war(files))


@pytest.mark.parametrize(
    "files",
    [
        {"WEB-INF/web.xml": "<web-app/>"},
        {"META-INF/MANIFEST.MF": "Manifest-Version: 1.0\n"},
        {"readme.txt": "", "WEB-INF/web.xml": "<web-app/>"},
        {"shop/index.html": ""},
        {"shop.war": SOUND},
        {"ROOT.war": war({"WEB-INF/web.xml": "<web-app/>"})},
    ],
)
def test_a_bundle_with_nothing_at_the_root_does_not_answer(files: dict[str, str | bytes]) -> None:
    assert not answers(war(files))


def test_bytes_that_are_not_an_archive_do_not_answer() -> None:
    assert not answers(b"<html>")


BY_FILE = {bundle.file: bundle for bundle in every_bundle()}
NOT_SIMULATED = {"zip-password-1.war", "7z-lzma-1.war", "7z-ppmd-1.war", "7z-aes-1.war"}


@pytest.mark.parametrize("file", [*sorted(RECIPES.keys() - NOT_SIMULATED), "launch-script-1.war", "backslash-1.war"])
def test_a_bundle_that_unzip_cannot_read_is_not_unpacked(file: str) -> None:
    assert unzips(BY_FILE[file].content) == (BY_FILE[file].exit_code == 0)


@pytest.mark.parametrize("file", ["dot-slash-1.zip", "dot-slash-1.war", "bsdtar-1.war"])
def test_names_that_begin_with_a_dot_are_read(file: str) -> None:
    assert answers(BY_FILE[file].content)


def test_a_file_that_macos_added_is_refused_as_invalid() -> None:
    bundle: Bundle = BY_FILE["appledouble-1.zip"]
    with pytest.raises(InvalidParameterValue) as refused:
        settings(bundle.content, "shop-1")
    assert "__MACOSX/.ebextensions/._options.config in application version shop-1 contains invalid YAML" in str(
        refused.value
    )


def test_every_folder_of_the_name_ebextensions_is_read() -> None:
    bundle = war({"WEB-INF/classes/.ebextensions/a.config": "option_settings: {aws:x: {Y: z}}"})
    assert settings(bundle, "shop-1") == [{"Namespace": "aws:x", "OptionName": "Y", "Value": "z"}]
