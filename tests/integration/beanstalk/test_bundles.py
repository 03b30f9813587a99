"""Which bundles can answer at `/`."""

import io
import zipfile

import pytest

from local.beanstalk.bundles import answers


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
def test_a_bundle_with_nothing_at_the_root_does_not(files: dict[str, str | bytes]) -> None:
    assert not answers(war(files))


def test_bytes_that_are_not_an_archive_do_not_answer() -> None:
    assert not answers(b"<html>")
