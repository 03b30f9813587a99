"""The inspection of a bundle: the rejections with their reasons, and the facts about accepted bundles."""

import contextlib
import struct
import zipfile

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.unit.drops.samples import CENTRAL, LOCAL, config, read, refusal, with_field
from tests.unit.samples import WAR, archive, war
from wardrop.drops.bundle import BundleContents
from wardrop.errors import Rejected


class TestSoundBundles:
    def test_a_war_is_accepted_with_the_version_in_its_manifest(self):
        assert read(war()) == BundleContents("7.1")

    def test_a_zip_with_root_war_and_its_ebextensions_is_accepted(self):
        option = b"option_settings:\n  aws:autoscaling:asg:\n    MinSize: 2\n"
        inspected = read(archive({"ROOT.war": b"x", ".ebextensions/a.config": option}), "shop-1.0.zip")
        assert [setting.option for setting in inspected.ebextensions.settings] == ["MinSize"]

    @pytest.mark.parametrize("name", ["가게/b+c %2F.txt", "a..b/c", "..a", "a/...", "C/x", "WEB-INF/a:b"])
    def test_unusual_but_harmless_paths_are_accepted(self, name):
        read(archive(WAR | {name: b""}))


class TestUnreadable:
    def test_a_text_file_named_war_is_rejected_with_the_question_whether_the_upload_was_complete(self):
        assert "is not a readable WAR" in refusal(b"<html>404 Not Found</html>")
        assert "was the upload complete?" in refusal(b"<html>404 Not Found</html>")

    @pytest.mark.parametrize("keep", [0.1, 0.5, 0.9, 0.99])
    def test_a_truncated_war_is_rejected_with_the_question_whether_the_upload_was_complete(self, keep):
        whole = war(**{f"WEB-INF/classes/{number}.class": bytes(range(256)) for number in range(50)})
        assert "was the upload complete?" in refusal(whole[: int(len(whole) * keep)])

    def test_an_empty_file_is_rejected(self):
        assert "was the upload complete?" in refusal(b"")

    def test_the_reason_says_zip_where_a_zip_was_dropped(self):
        assert "is not a readable ZIP" in refusal(b"x", "shop.zip")

    def test_a_directory_that_points_outside_the_file_is_rejected(self):
        content = war()
        end = len(content) - 22
        for offset in (12, 16):
            broken = bytearray(content)
            struct.pack_into("<L", broken, end + offset, 0xFFFFFFF0)
            assert "was the upload complete?" in refusal(bytes(broken))

    def test_a_broken_directory_entry_is_rejected(self):
        content = war()
        assert "was the upload complete?" in refusal(content.replace(CENTRAL, b"PK\x01\x03", 1))

    def test_a_broken_local_header_makes_only_its_own_file_unreadable(self):
        content = archive(WAR | {".ebextensions/a.config": b"option_settings: []"})
        inspected = read(content[: content.rindex(LOCAL)] + b"XX" + content[content.rindex(LOCAL) + 2 :])
        assert inspected.ebextensions.unread == [".ebextensions/a.config: Bad magic number for file header"]


class TestNothingElseIsRaised:
    """Any other error would return the message to the queue, and in the end send it to the dead-letter queue."""

    @given(st.binary(max_size=300), st.sampled_from(["a.war", "a.zip", "a.jar"]))
    @example(b"PK\x05\x06" + bytes(18), "a.war")
    @example(CENTRAL + bytes(42) + b"PK\x05\x06" + bytes(4) + b"\1\0\1\0" + b"\x2e\0\0\0" + bytes(6), "a.war")
    def test_arbitrary_bytes(self, content, name):
        with contextlib.suppress(Rejected):
            read(content, name)

    @settings(max_examples=150)
    @given(
        st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]),
        st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=12),
        st.integers(0, 30),
    )
    def test_a_war_with_any_bytes_changed(self, compression, changes, cut):
        option = b"option_settings:\n  aws:autoscaling:asg:\n    MinSize: 2\n" * 3
        content = bytearray(archive(WAR | {".ebextensions/a.config": option}, compression))
        for at, value in changes:
            content[at % len(content)] = value
        with contextlib.suppress(Rejected):
            read(bytes(content[: len(content) - cut]))

    @settings(max_examples=100)
    @given(st.sampled_from([0, 8, 9, 12, 14, 93, 99]), st.binary(min_size=1, max_size=200))
    def test_a_member_whose_content_is_not_what_its_method_says(self, method, content):
        made = archive(WAR | {".ebextensions/a.config": content}, zipfile.ZIP_STORED)
        inspected = with_field(with_field(made, CENTRAL, 10, "<H", method), LOCAL, 8, "<H", method)
        with contextlib.suppress(Rejected):
            read(inspected)

    @given(st.text(st.characters(codec="utf-8"), max_size=60).map(str.encode) | st.binary(max_size=60))
    @example(b"option_settings: !!bool maybe")
    @example(b"option_settings: !!int ''")
    @example(b"option_settings: !!float ''")
    @example(b"option_settings: !!timestamp never")
    @example(b"option_settings: !!binary '@'")
    @example(b"option_settings: 2026-99-99")
    @example(b"option_settings: {[a]: b}")
    @example(b"option_settings: {? {a: b} : c}")
    @example(b"<<: 1")
    @example(b"<<: [*a]")
    @example(b"&a [*a]")
    @example(b"option_settings: {a: &a {b: *a}}")
    @example(b"option_settings: &a [*a]")
    @example(b"option_settings: {aws:x: {y: 0x" + b"f" * 9999 + b"}}")
    @example(b"option_settings: {0x" + b"f" * 9999 + b": {y: 1}}")
    @example(b"option_settings: 1" + b"0" * 9999)
    @example(b"!")
    @example(b"%YAML 9.9\n---\na")
    @example(b"\xff\xfea")
    def test_any_configuration_file(self, content):
        try:
            reasons = config(content).unread
        except Rejected as rejected:
            reasons = [rejected.reason]
        assert all(len(reason) < 300 for reason in reasons)
