"""The record at the end of an archive."""

import io
import zipfile

import pytest

from tests.bundles.zip_bytes import entry, zipped
from wardrop.drops.archive_end import read_end


def end(content):
    return read_end(io.BytesIO(content))


@pytest.mark.parametrize("zip64", [False, True])
@pytest.mark.parametrize("comment", [b"", b"c", b"c" * 65535])
def test_it_counts_the_entries_and_the_bytes_before_the_first(zip64, comment):
    read = end(zipped([entry("a"), entry("b")], before=b"12345", comment=comment, zip64=zip64))
    assert (read.entries, read.is_zip64, read.leading_bytes) == (2, zip64, 5)


def test_bytes_that_the_offsets_count_do_not_disturb_unzip_and_are_not_reported():
    assert end(zipped([entry("a")], before=b"12345", counts_before=True)).leading_bytes == 0


def test_bytes_after_the_archive_do_not_count():
    assert end(zipped([entry("a")], after=b"\r\n")).leading_bytes == 0


def test_without_zip64_the_number_of_entries_has_16_bits():
    assert end(zipped([entry("a")], states=1)).counts(65537)
    assert not end(zipped([entry("a")], states=1, zip64=True)).counts(65537)


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06", b"PK\x05\x06" + bytes(17), b"x" * 70000])
def test_without_the_record_it_is_no_archive(content):
    with pytest.raises(zipfile.BadZipFile):
        end(content)
