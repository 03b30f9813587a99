"""Bundles are rejected if `unzip` on an instance fails on them. `tests/bundles` has an example of each kind."""

from tests.bundles.zip_bytes import entry, zipped
from tests.limits import limited
from tests.unit.drops.samples import CENTRAL, read, refusal, with_field
from tests.unit.samples import WAR, archive, war


def test_the_reason_for_backslashes_says_what_to_use_instead():
    content = archive({name.replace("/", "\\"): text for name, text in WAR.items()})
    assert refusal(content) == (
        "shop-1.0.war has an entry whose path contains backslashes: META-INF\\MANIFEST.MF; make the archive "
        "again with jar or zip"
    )


def test_the_reason_for_a_launch_script_says_how_to_build_without():
    assert refusal(b"#!/bin/sh\n" + war()) == (
        "shop-1.0.war has 10 bytes before its first entry, such as a launch script, so unzip fails on the "
        "instance; build it without the script (Spring Boot: not executable), and drop it again"
    )


def test_a_jar_may_have_a_launch_script_and_names_with_backslashes():
    read(b"#!/bin/sh\n" + archive({"a\\b": b""}), "shop-1.0.jar")


def test_what_macos_added_is_named_with_the_command_that_removes_it():
    reason = refusal(archive({"ROOT.war": b"", "__MACOSX/x/.ebextensions/._a.config": b""}), "shop-1.0.zip")
    assert "has __MACOSX/x/.ebextensions/._a.config, which macOS added" in reason
    assert reason.endswith('(zip -d shop-1.0.zip "__MACOSX/*" "*/._*"), and drop the file again')


def test_a_path_that_is_longer_than_linux_accepts_is_rejected():
    long = "/".join(["a" * 99] * 45)
    assert "too long for Linux" in refusal(zipped([entry("WEB-INF/web.xml"), entry(long)]))


def test_names_that_sort_between_a_file_and_a_folder_do_not_hide_that_both_have_one_name():
    content = zipped(entry(name) for name in ("WEB-INF/web.xml", "a", "a!", "a-b", "a b/c", "a/b"))
    assert "both a file and a folder a;" in refusal(content)


def test_names_that_only_begin_alike_are_accepted():
    read(zipped(entry(name) for name in ("WEB-INF/web.xml", "a", "a!/b", "ab/c", "b/a", "b/a.txt")))


def test_many_deep_paths_take_bounded_time():
    deep = (entry(f"{number}/" + "a/" * 1900) for number in range(1500))
    content = zipped([entry("WEB-INF/web.xml"), *deep])
    limited(read, content)


def test_the_last_part_of_a_split_archive_is_rejected():
    split = with_field(war(), b"PK\x05\x06", 4, "<H", 1)
    assert "last part of a split archive" in refusal(split)
    read(split, "shop.jar")


def test_an_entry_that_needs_a_newer_version_than_unzip_supports_is_rejected():
    assert "needs version 6.3 of the ZIP format" in refusal(with_field(war(), CENTRAL, 6, "<H", 63))
    read(with_field(war(), CENTRAL, 6, "<H", 46))
