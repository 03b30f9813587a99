"""Inspecting a bundle: what is rejected and why, and what is read."""

import bz2
import contextlib
import io
import json
import lzma
import struct
import zipfile

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.unit.samples import WAR, archive, war
from wardrop.drops import bundle
from wardrop.drops.bundle import Bundle, inspect
from wardrop.drops.ebextensions import ENVIRONMENT_PROPERTIES, read_settings
from wardrop.errors import Rejected

names = st.text(min_size=1, max_size=20)
LOCAL, CENTRAL = b"PK\x03\x04", b"PK\x01\x02"


def read(content, name="shop-1.0.war", size=None) -> Bundle:
    return inspect(io.BytesIO(content), name, len(content) if size is None else size)


def refusal(content, name="shop-1.0.war", size=None) -> str:
    with pytest.raises(Rejected) as caught:
        read(content, name, size)
    return caught.value.reason


def with_field(content: bytes, signature: bytes, offset: int, layout: str, value: int) -> bytes:
    """The archive with one header field of its last entry of that kind overwritten."""
    changed = bytearray(content)
    struct.pack_into(layout, changed, content.rindex(signature) + offset, value)
    return bytes(changed)


def config(content: bytes, name=".ebextensions/a.config", **kwargs) -> Bundle:
    return read(archive(WAR | {name: content}, **kwargs))


class TestSoundBundles:
    def test_a_war_is_accepted_with_the_version_in_its_manifest(self):
        assert read(war()) == Bundle("7.1", [], [])

    def test_a_zip_with_root_war_and_its_ebextensions_is_accepted(self):
        option = b"option_settings:\n  aws:autoscaling:asg:\n    MinSize: 2\n"
        inspected = read(archive({"ROOT.war": b"x", ".ebextensions/a.config": option}), "shop-1.0.zip")
        assert [setting.option for setting in inspected.settings] == ["MinSize"]

    def test_a_zip_with_several_wars_is_accepted(self):
        read(archive({"a.war": b"x", "b.war": b"x"}), "shop-1.0.zip")

    def test_a_jar_is_accepted_as_it_is(self):
        read(archive({"META-INF/MANIFEST.MF": b"", "Main.class": b""}), "shop-1.0.jar")

    @pytest.mark.parametrize("name", ["가게/b+c %2F.txt", "a..b/c", "..a", "a/...", "C/x", "WEB-INF/a:b"])
    def test_names_that_only_look_odd_are_accepted(self, name):
        read(archive(WAR | {name: b""}))

    def test_what_a_mac_adds_is_not_counted_as_content(self):
        assert "nothing but the folder" in refusal(archive({"shop/a": b"", "__MACOSX/x": b""}), "shop.zip")

    def test_an_archive_with_another_program_in_front_is_accepted(self):
        read(b"#!/bin/sh\nexec java -jar $0\n" + war())

    def test_a_missing_manifest_means_no_version(self):
        assert read(archive({"WEB-INF/web.xml": b""})).implementation_version is None

    @pytest.mark.parametrize(
        ("manifest", "version"),
        [
            (b"Implementation-Version: 1.2\n", "1.2"),
            (b"implementation-version:   1.2 b  \r\nX: y\r\n", "1.2 b"),
            (b"X: Implementation-Version: 9\n", None),
            (b"Implementation-Version:\n", None),
            (b"Implementation-Version: \xff\n", "\ufffd"),
            (b"\x00" * 65537, None),
        ],
    )
    def test_the_version_is_read_from_the_manifest_as_it_stands(self, manifest, version):
        assert read(war(**{"META-INF/MANIFEST.MF": manifest})).implementation_version == version


class TestNotWhatTheNameSays:
    def test_a_text_file_named_war_is_rejected_with_the_question_whether_the_upload_was_complete(self):
        assert "is not a readable WAR" in refusal(b"<html>404 Not Found</html>")
        assert "was the upload complete?" in refusal(b"<html>404 Not Found</html>")

    @pytest.mark.parametrize("keep", [0.1, 0.5, 0.9, 0.99])
    def test_a_truncated_war_is_rejected_with_the_question_whether_the_upload_was_complete(self, keep):
        whole = war(**{f"WEB-INF/classes/{number}.class": bytes(range(256)) for number in range(50)})
        assert "was the upload complete?" in refusal(whole[: int(len(whole) * keep)])

    def test_a_war_without_web_inf_is_rejected(self):
        assert "it has no WEB-INF at its root" in refusal(archive({"index.html": b""}))

    def test_a_war_with_a_mere_file_of_that_name_is_rejected(self):
        assert "it has no WEB-INF at its root" in refusal(archive({"WEB-INF": b""}))

    def test_a_war_inside_a_folder_is_rejected_with_where_its_web_inf_is(self):
        assert refusal(archive({"shop/WEB-INF/web.xml": b""})).endswith("; it is in shop")

    def test_a_zip_around_one_folder_is_rejected_with_what_to_zip_instead(self):
        reason = refusal(archive({"shop/a.html": b"", "shop/b/c.html": b""}), "shop.zip")
        assert "nothing but the folder shop; zip the folder's content" in reason

    def test_a_zip_around_one_war_is_rejected_with_what_to_do_instead(self):
        reason = refusal(archive({"shop-1.0.war": b"x"}), "shop.zip")
        assert "drop shop-1.0.war itself, or name it ROOT.war" in reason

    def test_hidden_files_beside_that_one_war_do_not_help(self):
        reason = refusal(archive({"shop.war": b"x", ".ebextensions/a.config": b""}), "shop.zip")
        assert "nothing but shop.war" in reason

    def test_an_empty_archive_is_rejected(self):
        assert "without any file" in refusal(archive({}))

    def test_nothing_at_all_is_rejected(self):
        assert "was the upload complete?" in refusal(b"")

    def test_the_reason_says_zip_where_a_zip_was_dropped(self):
        assert "is not a readable ZIP" in refusal(b"x", "shop.zip")


class TestHostile:
    @pytest.mark.parametrize(
        "path",
        [
            "../../etc/passwd",
            "WEB-INF/../../etc/passwd",
            "a/..",
            "/etc/passwd",
            "\\windows\\system32",
            "..\\..\\windows",
            "a\\..\\b",
            "C:\\windows",
            "c:/windows",
        ],
    )
    def test_an_entry_that_leaves_its_folder_is_rejected(self, path):
        assert "an entry that leaves its folder" in refusal(archive(WAR | {path: b""}))

    def test_a_path_that_hides_behind_a_zero_byte_is_rejected(self):
        content = archive(WAR | {"harmless_/../../etc": b""}).replace(b"harmless_", b"harmless\0")
        assert "an entry that leaves its folder" in refusal(content)

    def test_an_encrypted_entry_is_rejected(self):
        assert "encrypted" in refusal(with_field(war(), CENTRAL, 8, "<H", 0x1))

    def test_1_mb_that_claims_3_gb_is_rejected(self):
        reason = refusal(with_field(war(), CENTRAL, 24, "<L", 3 * 2**30), size=2**20)
        assert reason == "shop-1.0.war would unpack to 3.0 GB from 1.0 MB"

    def test_3_gb_are_fine_where_the_object_is_large_itself(self):
        read(with_field(war(), CENTRAL, 24, "<L", 3 * 2**30), size=100 * 2**20)

    def test_999_mb_are_fine_from_however_little(self):
        read(with_field(war(), CENTRAL, 24, "<L", 999 * 2**20), size=1)

    def test_over_10_gb_are_rejected_from_however_much(self):
        content = archive({**WAR, **{f"WEB-INF/{number}": b"" for number in range(3)}})
        changed = bytearray(content)
        at = -1
        while (at := content.find(CENTRAL, at + 1)) >= 0:
            struct.pack_into("<L", changed, at + 24, 2**32 - 2)
        assert "would unpack to" in refusal(bytes(changed), size=400 * 2**20)

    def test_too_many_entries_are_rejected(self, monkeypatch):
        monkeypatch.setattr(bundle, "MAX_ENTRIES", 3)
        assert "has 4 entries; more than 3" in refusal(war())

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

    def test_a_local_header_that_is_none_costs_only_what_it_leads_to(self):
        content = archive(WAR | {".ebextensions/a.config": b"option_settings: []"})
        inspected = read(content[: content.rindex(LOCAL)] + b"XX" + content[content.rindex(LOCAL) + 2 :])
        assert inspected.unread == [".ebextensions/a.config: Bad magic number for file header"]

    def test_a_manifest_that_cannot_be_unpacked_is_no_manifest(self):
        content = archive({"WEB-INF/": b"", "META-INF/MANIFEST.MF": b"Implementation-Version: 1" * 50})
        assert read(with_field(content, CENTRAL, 16, "<L", 1)).implementation_version is None


class TestNothingElseIsRaised:
    """A bundle that breaks the inspection would come back five times and then wake somebody."""

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
        inspected = config(content)
        assert all(len(reason) < 300 for reason in inspected.unread)


class TestEbextensions:
    def test_both_forms_of_option_settings_are_read(self):
        listed = b"""
option_settings:
  - namespace: aws:autoscaling:asg
    option_name: MinSize
    value: 2
  - {option_name: MODE, value: fast}
"""
        mapped = b"option_settings:\n  aws:autoscaling:asg:\n    MinSize: 2\n    Cooldown: 1.5\n    X: true\n"
        shown = [(one.namespace, one.option, one.value) for one in read_settings("f", listed)]
        assert shown == [("aws:autoscaling:asg", "MinSize", "2"), (ENVIRONMENT_PROPERTIES, "MODE", None)]
        assert [one.value for one in read_settings("f", mapped)] == ["2", "1.5", "true"]

    def test_json_is_read_as_well(self):
        content = json.dumps({"option_settings": {"aws:autoscaling:asg": {"MinSize": "2"}}})
        assert read_settings("f", content.encode())[0].value == "2"

    def test_values_that_may_be_secret_are_never_kept(self):
        content = b"""
option_settings:
  aws:elasticbeanstalk:application:environment: {API_KEY: hunter2}
  aws:rds:dbinstance: {DBPassword: hunter2, DBUser: shop}
  aws:elasticbeanstalk:container:tomcat:jvmoptions: {JVM Options: -Ddb.password=hunter2}
  aws:autoscaling:launchconfiguration: {InstanceType: t3.small, SecretToken: hunter2}
"""
        settings_read = read_settings("f", content)
        assert [(one.option, one.value) for one in settings_read] == [
            ("API_KEY", None),
            ("DBPassword", None),
            ("DBUser", None),
            ("JVM Options", None),
            ("InstanceType", "t3.small"),
            ("SecretToken", None),
        ]
        assert "hunter2" not in repr(config(content))

    @pytest.mark.parametrize("text", [b"PASSWORD: @hunter2", b"PASSWORD: hunter2: x", b"a: `hunter2", b"a: 'hunter2"])
    def test_what_cannot_be_read_is_told_without_its_text(self, text):
        [told] = config(text).unread
        assert "line 1" in told or "line 2" in told
        assert "hunter2" not in told

    def test_merge_keys_that_double_what_they_name_are_not_read_and_cost_nothing(self):
        lines = ["a0: &a0 {k: 1}", *(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}" for n in range(1, 25))]
        assert config("\n".join(lines).encode()).unread == [".ebextensions/a.config: merge keys (<<) are not read"]

    def test_cloudformations_short_tags_do_not_stop_the_reading(self):
        content = b"""
Resources:
  Topic: {Name: !Sub "${AWS::StackName}-x", Arn: !GetAtt [A, Arn], Z: !If [a, {b: c}, d]}
option_settings:
  aws:elasticbeanstalk:sns:topics: {Notification Topic ARN: !Ref Topic}
"""
        [setting] = config(content).settings
        assert (setting.option, setting.value) == ("Notification Topic ARN", None)

    def test_an_alias_bomb_is_not_read_and_costs_nothing(self):
        bomb = "a: &a [x, x]\n" + "".join(
            f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(20)
        )
        assert config(bomb.encode()).unread == [".ebextensions/a.config: more than 50 aliases"]

    def test_a_few_aliases_are_fine(self):
        content = b"x: &x {MinSize: 2}\noption_settings:\n  aws:autoscaling:asg: *x\n"
        assert [one.value for one in config(content).settings] == ["2"]

    @pytest.mark.parametrize("nested", [b"[" * 600, b"{a: " * 600, b"- " * 600])
    def test_deep_nesting_is_not_read(self, nested):
        assert config(nested).unread == [".ebextensions/a.config: nested deeper than 50 levels"]

    def test_all_files_together_are_bounded(self):
        half = b"#" * 150_000
        inspected = read(war(**{".ebextensions/a.config": half, ".ebextensions/b.config": half}))
        assert inspected.unread == [".ebextensions/b.config: larger than the 109 KB that are read of such files"]

    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (b"just text", "not a mapping"),
            (b"[1, 2]", "not a mapping"),
            (b"option_settings: text", "neither a list nor a mapping"),
            (b"option_settings: {aws:x: 5}", "option_settings of aws:x is not a mapping"),
            (b"option_settings: [5]", "has no option_name"),
            (b"option_settings: [{value: 5}]", "has no option_name"),
            (b"option_settings: {aws:x: {" + b"o" * 300 + b": 1}}", "an option of more than 256 bytes"),
            (b"a: [", "expected"),
        ],
    )
    def test_what_cannot_be_read_is_named_with_the_reason_and_does_not_reject(self, content, why):
        [unread] = config(content).unread
        assert unread.startswith(".ebextensions/a.config: ")
        assert why in unread

    def test_a_file_that_is_not_read_does_not_hide_the_others(self):
        option = b"option_settings:\n  aws:autoscaling:asg:\n    MinSize: 2\n"
        inspected = read(war(**{".ebextensions/a.config": b"[", ".ebextensions/b.config": option}))
        assert len(inspected.unread) == len(inspected.settings) == 1

    def test_a_large_file_is_not_read(self):
        assert config(b"#" * 262_145).unread == [
            ".ebextensions/a.config: larger than the 256 KB that are read of such files"
        ]

    def test_a_file_that_claims_to_be_small_is_not_unpacked_further(self):
        made = archive(WAR | {".ebextensions/a.config": b"#" * 2**24})
        claims_little = with_field(with_field(made, CENTRAL, 24, "<L", 9), LOCAL, 22, "<L", 9)
        assert len(read(claims_little).unread) == 1

    def test_a_member_of_many_bytes_that_unpack_to_none_is_not_even_fetched(self):
        made = archive(WAR | {".ebextensions/a.config": b"#"})
        inspected = read(with_field(made, CENTRAL, 20, "<L", 2**28))
        assert inspected.unread == [".ebextensions/a.config: larger than the 256 KB that are read of such files"]

    @pytest.mark.parametrize("compress", [bz2.compress, lzma.compress])
    def test_methods_that_unpack_without_bounds_are_not_unpacked(self, compress):
        method = {bz2.compress: zipfile.ZIP_BZIP2, lzma.compress: zipfile.ZIP_LZMA}[compress]
        [unread] = config(b"#" * 1000, compression=method).unread
        assert "method" in unread

    def test_only_files_right_below_ebextensions_count(self):
        option = b"option_settings:\n  aws:autoscaling:asg:\n    MinSize: 2\n"
        names = [
            ".ebextensions/a/b.config",
            ".ebextensions/a.yaml",
            "x/.ebextensions/a.config",
            ".ebextensions/.config",
        ]
        inspected = read(war(**dict.fromkeys(names, option)))
        assert inspected.settings == []
        assert inspected.unread == []

    def test_a_file_with_an_endless_name_is_not_read(self):
        assert "a name of more than 256 bytes" in config(b"", f".ebextensions/{'a' * 999}.config").unread[0]

    def test_what_is_kept_fits_an_item_of_dynamodb_whatever_a_bundle_brings_along(self):
        options = {"\U0001f600" * 64: {f"{n:04}" + "\uac00" * 84: "\uac00" * 85 for n in range(320)}}
        files = {f".ebextensions/{n:04}" + "\uac00" * 74 + ".config": b"!!bool maybe" for n in range(49)}
        files[f".ebextensions/{'a' * 235}.config"] = json.dumps(
            {"option_settings": options}, ensure_ascii=False
        ).encode()
        inspected = read(war(**files))
        assert len(inspected.settings) == 300
        assert len(msgspec.json.encode(inspected)) < 390_000

    def test_settings_are_in_the_order_in_which_beanstalk_applies_the_files(self):
        option = "option_settings:\n  aws:autoscaling:asg:\n    MinSize: {}\n"
        files = {f".ebextensions/{n}.config": option.format(n).encode() for n in (3, 1, 2)}
        assert [one.value for one in read(war(**files)).settings] == ["1", "2", "3"]

    def test_more_files_than_are_read_are_told(self):
        files = {f".ebextensions/{n:03}.config": b"" for n in range(53)}
        assert read(war(**files)).unread == ["3 of 53 files: more than 50"]

    def test_more_settings_than_are_kept_are_told(self):
        options = "".join(f"    O{n}: {n}\n" for n in range(305))
        inspected = config(f"option_settings:\n  aws:x:y:\n{options}".encode())
        assert len(inspected.settings) == 300
        assert inspected.unread == ["5 of 305 settings: more than 300"]

    @example({"<<": {"<<": "<<"}})
    @given(st.dictionaries(names, st.dictionaries(names, st.text() | st.integers(), max_size=5), max_size=5))
    def test_whatever_is_set_is_listed_once_for_each_option(self, chosen):
        listed = read_settings("f", json.dumps({"option_settings": chosen}).encode())
        assert [(one.namespace, one.option) for one in listed] == [
            (namespace, option) for namespace, options in chosen.items() for option in options
        ]
