"""Properties of the inspection for all forms of an archive with the same files."""

import contextlib
import dataclasses
import zlib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bundles.mangling import hidden_settings
from tests.bundles.zip_bytes import FAT, FOLDER, NTFS, UNIX, Written, entry, zipped
from tests.unit.drops.samples import inspected, read, refusal
from wardrop.drops.bundle import BundleContents
from wardrop.drops.label import label_of
from wardrop.errors import Rejected

CONFIG = b"option_settings:\n  aws:autoscaling:asg:\n    MinSize: 2\n"
OTHER = b"option_settings:\n  aws:autoscaling:asg:\n    MaxSize: 4\n"
FILES = {
    "META-INF/MANIFEST.MF": b"Manifest-Version: 1.0\r\nImplementation-Version: 7.1\r\n\r\n",
    "WEB-INF/web.xml": b"<web-app/>",
    "index.jsp": b"hello" * 50,
    ".ebextensions/a.config": CONFIG,
    ".ebextensions/b.config": OTHER,
}
PLAIN = [entry(name, content) for name, content in FILES.items()]

EXTRA = st.sampled_from([b"", b"\xca\xfe\0\0", b"UT\x05\0\x01" + bytes(4), b"ux\x0b\0\x01\x04" + bytes(9)])
"""Fields that jar, zip and others add: an empty one of Java's, a time, and an owner."""


@st.composite
def rewritten(draw: Any, files: list[Written]) -> bytes:
    """Another archive of the same files. It differs only in details that have no effect."""
    entries = [_written(draw, written) for written in draw(st.permutations(files))]
    folders = draw(st.lists(st.sampled_from(["./", "WEB-INF/", ".ebextensions/", "./css/"]), max_size=3))
    entries[:0] = [entry(name, b"", mode=FOLDER) for name in folders]
    return zipped(
        entries,
        before=draw(st.sampled_from([b"", b"#!/bin/sh\n"])),
        counts_before=True,
        after=draw(st.sampled_from([b"", b"\r\n", bytes(512)])),
        comment=draw(st.binary(max_size=20).filter(lambda comment: b"PK" not in comment)),
        zip64=draw(st.booleans()),
    )


def _written(draw: Any, written: Written) -> Written:
    differs: dict[str, Any] = {"extra": draw(EXTRA), "comment": draw(st.sampled_from([b"", b"a comment"]))}
    differs["name"] = draw(st.sampled_from([b"", b"./", b".//", b"././"])) + written.name.replace(
        b"/", draw(st.sampled_from([b"/", b"//", b"/./"]))
    )
    differs["system"] = draw(st.sampled_from([UNIX, FAT, NTFS]))
    differs |= draw(st.sampled_from([{}, {"zip64": True}, {"describes_later": True}]))
    if draw(st.booleans()):
        deflate = zlib.compressobj(draw(st.integers(0, 9)), zlib.DEFLATED, -15)
        differs |= {"method": 8, "stored": deflate.compress(written.data) + deflate.flush()}
    return dataclasses.replace(written, **differs)


def label(contents: BundleContents) -> str:
    drop = inspected("shop.war", implementation_version=contents.implementation_version)
    return label_of(drop, "ab" * 32)


@settings(max_examples=200)
@given(rewritten(PLAIN))
def test_an_archive_that_is_written_in_another_way_has_the_same_contents_and_the_same_label(content):
    contents = read(content)
    assert contents == read(zipped(PLAIN))
    assert label(contents) == "shop-7.1"


@settings(max_examples=100)
@given(rewritten([*PLAIN, entry(r"css\a.css")]))
def test_a_bundle_that_is_rejected_is_rejected_in_every_way_of_writing_it(content):
    assert "contains backslashes" in refusal(content)


@settings(max_examples=300)
@given(hidden_settings())
def test_no_bundle_is_accepted_whose_settings_are_not_read_although_unzip_puts_them_into_ebextensions(content):
    with contextlib.suppress(Rejected):
        assert [setting.option for setting in read(content).ebextensions.settings] == ["MinSize"]
