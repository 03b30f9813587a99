"""The limits of the work of one inspection."""

import io
import zlib
from itertools import count

import pytest

from tests.bundles.zip_bytes import entry, zipped
from tests.limits import limited
from tests.unit.drops.samples import config, refusal
from tests.unit.samples import WAR, archive
from wardrop.drops.archive import read_beginning, read_member
from wardrop.drops.bundle import inspect
from wardrop.drops.effort import MAX_NODES, MAX_SECONDS, Effort
from wardrop.drops.safety import CountedFile
from wardrop.errors import Rejected

SETTING = "option_settings:\n  aws:autoscaling:asg:\n    MinSize: 2\n"
EMPTY_BLOCK = b"\0\0\0\xff\xff"
"""An empty stored block of deflate. A stream may repeat it without limit (RFC 1951, 3.2.4)."""


def slow(seconds: float) -> Effort:
    """An effort whose clock advances by this number of seconds at each reading."""
    return Effort((seconds * number for number in count()).__next__)


def test_an_inspection_that_takes_too_long_is_rejected_with_the_next_step():
    content = archive(WAR | {".ebextensions/a.config": SETTING})
    with pytest.raises(Rejected) as caught:
        inspect(io.BytesIO(content), "shop-1.0.war", len(content), slow(MAX_SECONDS / 2))
    assert caught.value.reason == (
        "cannot tell whether Beanstalk could deploy the file, because its inspection took more than 5 seconds of "
        "processor time. Nothing was deployed; make the archive again with fewer entries and shorter files in "
        ".ebextensions, and drop it again"
    )


@pytest.mark.parametrize(
    "text",
    [
        "a: [" + "a," * (MAX_NODES + 1) + "]\n" + SETTING,
        "a: {" + "a," * (MAX_NODES // 2 + 1) + "}\n" + SETTING,
        SETTING + "a:\n" + "- &a x\n" * (MAX_NODES + 1),
    ],
)
def test_a_file_with_too_many_yaml_values_is_not_read(text):
    read = config(text.encode())
    assert read.settings == []
    assert read.unread == [f".ebextensions/a.config: the files of .ebextensions have more than {MAX_NODES} values"]


def test_the_limit_is_for_all_files_together():
    files = {f".ebextensions/{number}.config": "a: [" + "a," * 4_000 + "]" for number in range(10)}
    content = archive(WAR | files)
    unread = inspect(io.BytesIO(content), "shop-1.0.war", len(content)).ebextensions.unread
    assert len(unread) == 6


@pytest.mark.parametrize("text", ["[" * 10_000, "{a: " * 2_500, "- " * 5_000, "? " * 5_000])
def test_deep_nesting_in_many_files_takes_bounded_time(text):
    content = archive(WAR | {f".ebextensions/{number:02}.config": text for number in range(50)})
    inspected = limited(lambda bundle: inspect(io.BytesIO(bundle), "shop-1.0.war", len(bundle)), content)
    unread = inspected.ebextensions.unread
    assert ".ebextensions/00.config: nested deeper than 50 levels" in unread


def test_the_time_is_measured_while_a_file_is_parsed():
    text = "a: [" + "a," * 10_000 + "]"
    content = archive(WAR | {".ebextensions/a.config": text})
    with pytest.raises(Rejected):
        inspect(io.BytesIO(content), "shop-1.0.war", len(content), slow(MAX_SECONDS / 20))


class Reads(io.BytesIO):
    total = 0

    def read(self, size: int | None = -1) -> bytes:
        content = super().read(size)
        self.total += len(content)
        return content


@pytest.mark.parametrize("read", [read_member, read_beginning])
def test_content_that_unpacks_to_nothing_is_not_read_to_its_end(read):
    import zipfile

    stored = EMPTY_BLOCK * 1_000_000 + zlib.compress(b"x", wbits=-15)
    file = Reads(zipped([entry("META-INF/MANIFEST.MF", b"x", method=8, stored=stored)]))
    opened = zipfile.ZipFile(CountedFile(file, "shop-1.0.war"))
    file.total = 0
    with pytest.raises((ValueError, zipfile.BadZipFile)):
        read(opened, opened.infolist()[0], 64 * 1024)
    assert file.total < 300_000


def test_a_manifest_that_unpacks_to_nothing_does_not_delay_the_drop():
    stored = EMPTY_BLOCK * 1_000_000 + zlib.compress(b"x", wbits=-15)
    entries = [entry("WEB-INF/web.xml"), entry("META-INF/MANIFEST.MF", b"x", method=8, stored=stored)]
    content = zipped(entries)
    assert inspect(io.BytesIO(content), "shop-1.0.war", len(content)).implementation_version is None


def test_a_name_that_cannot_be_printed_is_not_shown():
    content = zipped([entry("WEB-INF/web.xml"), entry(".ebextensions/a\u202e\u2028b.config", SETTING.encode())])
    read = inspect(io.BytesIO(content), "shop-1.0.war", len(content)).ebextensions
    assert read.settings == []
    assert read.unread == [".ebextensions/a??b.config: a name with characters that cannot be printed"]


def test_an_option_that_cannot_be_printed_is_not_read():
    assert config(b'option_settings: {"aws:autoscaling:asg": {"Min\\u202eSize": 2}}').unread == [
        ".ebextensions/a.config: an option with characters that cannot be printed"
    ]


def test_a_long_reason_is_cut():
    reason = refusal(archive({f"{'a/' * 1000}WEB-INF/web.xml": b""}), name="x" * 5_000 + ".war")
    assert len(reason) <= 2_000
