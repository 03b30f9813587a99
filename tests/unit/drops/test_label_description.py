"""Versions of drops, and their descriptions."""

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.drops.samples import inspected
from tests.unit.samples import NOW, release
from wardrop.drops.label import description_of, new_version
from wardrop.foreign_text import for_description

ANY_TEXT = st.text(st.characters(exclude_categories=()))


def test_a_description_contains_the_key_the_time_and_the_uploader_as_a_claim():
    description = description_of(inspected(key="shop/shop-1.0.war", dropped_by="jenkins"))
    assert description == "shop/shop-1.0.war, dropped 2026-01-02T03:04:05Z, by jenkins as stated"


def test_a_description_names_no_uploader_if_none_is_stated():
    assert "by" not in description_of(inspected(key="shop/1.war"))


@given(ANY_TEXT, st.none() | ANY_TEXT)
def test_beanstalk_accepts_every_description_and_each_contains_the_time(key: str, dropped_by: str | None):
    description = description_of(inspected(key=key, dropped_by=dropped_by))
    assert len(description) <= 200
    assert description == for_description(description)
    assert ", dropped 2026-01-02T03:04:05Z" in description


def test_a_description_has_no_emoji():
    description = description_of(inspected(key="shop/🚀-1.0.war", dropped_by="Zoë 🐙"))
    assert description == "shop/?-1.0.war, dropped 2026-01-02T03:04:05Z, by Zoë ? as stated"


def test_a_version_records_the_drop_and_what_was_read_of_its_bundle():
    drop = inspected("shop-1.0.war")
    version = new_version(drop, "shop-1.0", release(), NOW)
    assert (version.application, version.label, version.release) == ("shop", "shop-1.0", release())
    assert (version.drop, version.reserved_at) == (drop.drop.id, NOW)
    read = drop.contents.ebextensions
    assert (version.settings, version.resources, version.unread) == (read.settings, read.resources, read.unread)
