"""Versions of drops, and their descriptions."""

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.drops.samples import inspected
from tests.unit.samples import NOW, release
from wardrop.drops.label import description_of, new_version


def test_a_description_contains_the_key_the_time_and_the_uploader_as_a_claim():
    description = description_of(inspected(key="shop/shop-1.0.war", dropped_by="jenkins"))
    assert description == "shop/shop-1.0.war, dropped 2026-01-02T03:04:05Z, by jenkins as stated"


def test_a_description_names_no_uploader_if_none_is_stated():
    assert "by" not in description_of(inspected(key="shop/1.war"))


@given(st.text(min_size=1), st.none() | st.text())
def test_a_description_has_at_most_200_printable_characters_and_always_the_time(key: str, dropped_by: str | None):
    description = description_of(inspected(key=key, dropped_by=dropped_by))
    assert len(description) <= 200
    assert description.isprintable()
    assert ", dropped 2026-01-02T03:04:05Z" in description


def test_a_version_records_the_drop_and_what_was_read_of_its_bundle():
    drop = inspected("shop-1.0.war")
    version = new_version(drop, "shop-1.0", release(), NOW)
    assert (version.application, version.label, version.release) == ("shop", "shop-1.0", release())
    assert (version.drop, version.reserved_at) == (drop.drop.id, NOW)
    read = drop.contents.ebextensions
    assert (version.settings, version.resources, version.unread) == (read.settings, read.resources, read.unread)
