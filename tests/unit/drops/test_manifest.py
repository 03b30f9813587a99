"""The version in a manifest: of the main section alone, with continued lines joined, and in linear time."""

import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.limits import limited
from tests.unit.drops.samples import CENTRAL, read, with_field
from tests.unit.samples import archive, war
from wardrop.drops.manifest import MAX_VERSION, version_in


@pytest.mark.parametrize(
    ("manifest", "version"),
    [
        (b"Implementation-Version: 1.2\n", "1.2"),
        (b"implementation-version:   1.2 b  \r\nX: y\r\n", "1.2 b"),
        (b"Manifest-Version: 1.0\rImplementation-Version: 1.2\r\rX: y", "1.2"),
        (b"X: Implementation-Version: 9\n", None),
        (b"Implementation-Version:\n", None),
        (b"Implementation-Version: \xff\n", "\ufffd"),
        (b"Implementation-Version: 1.2.3-very-long\r\n -name\r\n -continued\r\n", "1.2.3-very-long-name-continued"),
        (b"Implementation-Ver\n sion: 1.2\n", "1.2"),
        ("Implementation-Version: é".encode()[:-1] + b"\n " + "é".encode()[-1:], "é"),
        (b"Implementation-Version: 1\x1b[31m\x00\x7f2\t3\n", "1 [31m 2 3"),
        (b"\nImplementation-Version: 9.9.9\n", None),
        (b" Implementation-Version: 9.9.9\n", None),
        (b"", None),
    ],
)
def test_the_version_is_that_of_the_main_section(manifest, version):
    assert version_in(manifest) == version


def test_the_version_of_another_section_does_not_count():
    manifest = b"Manifest-Version: 1.0\r\n\r\nName: org/example/lib/\r\nImplementation-Version: 9.9.9\r\n\r\n"
    assert read(war(**{"META-INF/MANIFEST.MF": manifest})).implementation_version is None


def test_the_manifest_of_a_signed_archive_is_read_at_its_beginning():
    sections = b"".join(b"Name: %d.class\r\nSHA-256-Digest: x\r\n\r\n" % number for number in range(5000))
    manifest = b"Implementation-Version: 1.2\r\n\r\n" + sections
    assert read(war(**{"META-INF/MANIFEST.MF": manifest})).implementation_version == "1.2"


def test_the_manifest_may_have_a_dot_before_its_name():
    content = archive({"./META-INF/MANIFEST.MF": b"Implementation-Version: 1.2", "./WEB-INF/web.xml": b""})
    assert read(content).implementation_version == "1.2"


def test_of_two_manifests_the_one_that_unzip_leaves_counts():
    first, second = b"Implementation-Version: 1\n", b"Implementation-Version: 2\n"
    content = archive({"META-INF/MANIFEST.MF": first, "./META-INF/MANIFEST.MF": second, "WEB-INF/web.xml": b""})
    assert read(content).implementation_version == "2"


def test_a_missing_manifest_means_no_version():
    assert read(archive({"WEB-INF/web.xml": b""})).implementation_version is None


def test_a_manifest_that_cannot_be_unpacked_is_ignored():
    content = archive({"WEB-INF/": b"", "META-INF/MANIFEST.MF": b"Implementation-Version: 1" * 50})
    assert read(with_field(content, CENTRAL, 16, "<L", 1)).implementation_version is None


def test_a_manifest_that_is_compressed_without_bounds_is_ignored():
    content = archive({"WEB-INF/": b"", "META-INF/MANIFEST.MF": b"Implementation-Version: 1"}, zipfile.ZIP_BZIP2)
    assert read(content).implementation_version is None


@pytest.mark.parametrize("filler", [b" ", b"\n ", b"\r", b"a", b"\t", b"x: y\n", b"Implementation-Version: "])
def test_64_kb_take_bounded_time_whatever_they_are(filler):
    manifest = (b"Implementation-Version: " + filler * 65536)[:65536]
    version = limited(version_in, manifest)
    assert version is None or len(version) <= MAX_VERSION


@given(st.text(min_size=1), st.sampled_from([b"\r\n", b"\n", b"\r"]), st.integers(1, 70))
def test_where_a_line_is_broken_changes_nothing(version, newline, width):
    line = b"Implementation-Version: " + "".join(version.splitlines()).encode("utf-8", "replace")
    parts = [line[at : at + width] for at in range(0, len(line), width)]
    assert version_in((newline + b" ").join(parts) + newline) == version_in(line + newline)
