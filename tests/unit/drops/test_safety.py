"""A bundle is safe to unpack."""

import io
import struct
import zipfile

import pytest

from tests.bundles.zip_bytes import entry, zipped
from tests.unit.drops.samples import CENTRAL, read, refusal, with_field
from tests.unit.samples import WAR, archive, war
from wardrop.drops.safety import MAX_ENTRIES, CountedFile
from wardrop.errors import Rejected


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
def test_an_entry_with_a_path_outside_the_archive_is_rejected(path):
    assert "an entry with a path outside the archive" in refusal(archive(WAR | {path: b""}))


def test_such_a_path_after_a_zero_byte_is_rejected():
    content = archive(WAR | {"harmless_/../../etc": b""}).replace(b"harmless_", b"harmless\0")
    assert "an entry with a path outside the archive" in refusal(content)


def test_an_encrypted_entry_is_rejected():
    assert "encrypted" in refusal(with_field(war(), CENTRAL, 8, "<H", 0x1))


def test_1_mb_that_declares_3_gb_is_rejected():
    reason = refusal(with_field(war(), CENTRAL, 24, "<L", 3 * 2**30), size=2**20)
    limit = "above 1 GB, Wardrop accepts at most 100 times the size of the archive"
    assert reason == f"shop-1.0.war would unpack from 1.0 MB to 3.0 GB; {limit}"


def test_3_gb_are_accepted_from_a_large_object():
    read(with_field(war(), CENTRAL, 24, "<L", 3 * 2**30), size=100 * 2**20)


def test_999_mb_are_accepted_from_an_object_of_any_size():
    read(with_field(war(), CENTRAL, 24, "<L", 999 * 2**20), size=1)


def test_more_than_10_gb_are_rejected_from_an_object_of_any_size():
    content = archive({**WAR, **{f"WEB-INF/{number}": b"" for number in range(3)}})
    changed = bytearray(content)
    at = -1
    while (at := content.find(CENTRAL, at + 1)) >= 0:
        struct.pack_into("<L", changed, at + 24, 2**32 - 2)
    assert "would unpack to 28.0 GB, but Wardrop accepts at most 10 GB" in refusal(bytes(changed), size=400 * 2**20)


@pytest.mark.parametrize("states", [None, 1])
def test_too_many_entries_are_rejected_before_their_names_are_read(states):
    """zipfile reads all entries, even if the archive states that it has fewer."""
    content = zipped([entry(f"WEB-INF/{number}", b"") for number in range(MAX_ENTRIES + 1)], zip64=True, states=states)
    file = CountedFile(io.BytesIO(content), "shop-1.0.war")
    with pytest.raises(Rejected, match="has more than 100000 entries; make an archive with fewer files"):
        zipfile.ZipFile(file)


def test_a_file_is_read_as_it_is():
    content = war()
    with zipfile.ZipFile(CountedFile(io.BytesIO(content), "shop-1.0.war")) as counted:
        assert counted.namelist() == zipfile.ZipFile(io.BytesIO(content)).namelist()
