"""The paths that `unzip` gives the entries of an archive."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bundles.zip_bytes import FAT, entry, unicode_path, zipped
from wardrop.drops.entry_names import (
    Entry,
    entries_of,
    is_configuration_file,
    is_nested_configuration_file,
    paths_of,
    resembles_configuration_file,
    shown,
)


def entries(*written) -> list[Entry]:
    return entries_of(zipfile.ZipFile(io.BytesIO(zipped(written))).infolist())


def path(name, **differs) -> str:
    [read] = entries(entry(name, **differs))
    return read.path + "/" * read.is_folder


@pytest.mark.parametrize(
    ("name", "unpacked"),
    [
        ("a/b", "a/b"),
        ("./a", "a"),
        ("././a", "a"),
        ("a/./b", "a/b"),
        (".//a//b", "a/b"),
        ("a/", "a/"),
        ("./", "/"),
        (".", "_"),
        ("a/.", "a/_"),
        ("...", "..."),
        (".a", ".a"),
        ("a.", "a."),
        ("a ", "a "),
        ("a\nb\x7f", "ab"),
        ("a\x01/b", "a/b"),
        ("\x01", ""),
        ("a;1", "a"),
        ("a;", "a"),
        ("a;1/b", "a;1/b"),
        ("a;b", "a;b"),
        (b"a\xffb", "ab"),
        ("aÿb", "aÿb"),
        ("A", "A"),
        (r"a\b", r"a\b"),
    ],
)
def test_a_name_is_unpacked_as_unzip_does(name, unpacked):
    assert path(name) == unpacked


def test_the_extra_field_with_another_name_counts_if_it_is_for_this_name():
    assert path("a", extra=unicode_path(b"a", "b")) == "b"
    assert path("a", extra=unicode_path(b"x", "b")) == "a"
    assert path(b"caf\x82", system=FAT, extra=unicode_path(b"caf\x82", "café")) == "café"


def test_the_extra_field_with_another_name_does_not_count_for_a_name_in_utf_8():
    assert path("é", extra=unicode_path("é".encode(), "b")) == "é"


@given(st.binary(max_size=40))
def test_any_extra_field_is_read(extra):
    info = zipfile.ZipInfo("a")
    info.extra = extra
    [read] = entries_of([info])
    assert read.info is info


def test_paths_of_folders_end_in_a_slash_and_the_root_has_none():
    assert paths_of(entries(entry("./"), entry("a/"), entry("./a/b"))) == {"a/", "a/b"}


def test_configuration_files_are_directly_in_ebextensions_at_the_root():
    read = [".ebextensions/a.config"]
    nested = ["x/.ebextensions/a.config", "__MACOSX/.ebextensions/._a.config"]
    neither = [".ebextensions/.config", ".ebextensions/a/b.config", ".ebextensions/a.yaml", "a.config"]
    assert [name for name in read + nested + neither if is_configuration_file(name)] == read
    assert [name for name in read + nested + neither if is_nested_configuration_file(name)] == nested


def test_a_path_resembles_a_configuration_file_if_only_its_case_differs():
    resembling = [".ebextensions/a.CONFIG", ".EBExtensions/a.config", "x/.Ebextensions/a.Config"]
    others = [".ebextensions/a.config", "X/.ebextensions/a.config", ".ebextensions/a.YAML", ".EBEXTENSIONS/.config"]
    assert [path for path in resembling + others if resembles_configuration_file(path)] == resembling


def test_a_name_is_shown_without_what_cannot_be_printed_and_not_whole_if_it_is_long():
    assert shown("a\x1b[31m\n" + "b" * 200) == "a?[31m?" + "b" * 93


@given(st.text(st.sampled_from("./a;1\x01"), max_size=12))
def test_the_path_of_a_path_is_the_same_path(name):
    [read] = entries_of([_info(name)])
    [again] = entries_of([_info(read.path)])
    assert again.path == read.path or ";" in read.path


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("x")
    info.filename = info.orig_filename = name
    return info
