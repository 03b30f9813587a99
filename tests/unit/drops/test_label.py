"""Version labels."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.drops.samples import inspected
from wardrop.drops.label import candidate_labels, distinct, label_of

HASH = "0123456789abcdef" * 4


def label(file: str, **differs: Any) -> str:
    return label_of(inspected(file, **differs), HASH)


class TestLabel:
    @pytest.mark.parametrize(
        ("file", "expected"),
        [
            ("shop-1.2.3.war", "shop-1.2.3"),
            ("shop_1.2-rc.4.ZIP", "shop_1.2-rc.4"),
            ("shop 1.2 (final).war", "shop-1.2-final"),
            ("가게-1.2.war", "1.2"),
            ("shop%2F1+2.jar", "shop-2F1-2"),
        ],
    )
    def test_a_label_is_the_name_of_the_file_in_safe_characters(self, file: str, expected: str):
        assert label(file) == expected

    def test_a_stated_label_comes_first(self):
        assert label("shop-1.0.war", version_label="release candidate 5") == "release-candidate-5"

    def test_a_stated_label_needs_no_digits(self):
        assert label("shop-1.0.war", version_label="golden") == "golden"

    def test_a_stated_label_without_safe_characters_is_ignored(self):
        assert label("shop-1.0.war", version_label="가게") == "shop-1.0"

    @pytest.mark.parametrize("stated", [".", "..", "...", "-.-", "🚀.🚀"])
    def test_a_stated_label_of_dots_is_ignored(self, stated: str):
        assert label("shop-1.0.war", version_label=stated) == "shop-1.0"

    def test_a_name_without_digits_is_made_distinct_by_the_content(self):
        assert label("shop.war") == "shop-01234567"

    @pytest.mark.parametrize("file", ["shop-1.0-SNAPSHOT.war", "shop-1.0-snapshot.war"])
    def test_a_snapshot_is_made_distinct_by_the_content(self, file: str):
        assert label(file).endswith("-01234567")

    def test_a_name_without_a_version_gets_the_manifests(self):
        assert label("ROOT.war", implementation_version="2.5") == "ROOT-2.5"

    def test_a_name_with_a_version_does_not_get_the_manifests(self):
        assert label("shop-1.0.war", implementation_version="2.5") == "shop-1.0"

    def test_a_snapshot_in_the_manifest_is_made_distinct(self):
        assert label("ROOT.war", implementation_version="2.5-SNAPSHOT") == "ROOT-2.5-SNAPSHOT-01234567"

    def test_a_name_without_safe_characters_is_replaced_by_the_applications(self):
        assert label("가게.war") == "shop-01234567"

    def test_other_bytes_under_a_label_get_a_label_of_their_own(self):
        assert distinct("shop-1.0", HASH) == "shop-1.0-01234567"

    def test_where_neither_file_nor_application_has_a_safe_name_the_content_is_the_label(self):
        assert label("가게.war", application="쇼핑") == "01234567"

    @given(
        file=st.text(min_size=1).map(lambda text: f"{text}.war"),
        version_label=st.none() | st.text(),
        application=st.text(min_size=1),
        implementation_version=st.none() | st.text(),
    )
    def test_every_label_is_safe_and_short_and_stays_so_when_made_distinct(self, **given: Any):
        made = label(**given)
        for candidate in (made, distinct(made, HASH)):
            assert re.fullmatch(r"[A-Za-z0-9._-]{1,100}", candidate)
            assert not candidate.startswith("-")
            assert candidate.strip(".")

    @given(st.text("a1.-", min_size=1, max_size=150), st.text("0123456789abcdef", min_size=64, max_size=64))
    def test_making_a_label_distinct_ends_it_with_the_content(self, name: str, content_hash: str):
        assert distinct(name, content_hash).endswith(content_hash[:8])


def test_the_candidates_are_the_label_then_one_for_the_bytes_then_one_for_the_object_version():
    first, second, third = candidate_labels(inspected("shop-1.0.war"), HASH)
    assert (first, second) == ("shop-1.0", "shop-1.0-01234567")
    assert re.fullmatch(r"shop-1\.0-[0-9a-f]{8}", third)
    assert third not in candidate_labels(inspected("shop-1.0.war", version_id="v2"), HASH)
