"""Patterns with `*`."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from installation.patterns import have_a_common_name, matches

NAMES = ["".join(letters) for length in range(9) for letters in product("ab", repeat=length)]


@pytest.mark.parametrize(
    ("first", "second", "common"),
    [
        ("*", "shop", True),
        ("shop", "shop", True),
        ("shop*", "*prod", True),
        ("shop", "blog", False),
        ("shop-*", "shop", False),
        ("a*c", "ab*d", False),
    ],
)
def test_two_patterns_share_an_application(first, second, common):
    assert have_a_common_name(first, second) is common


@given(st.text("ab*", max_size=4), st.text("ab*", max_size=4))
def test_patterns_have_a_common_name_exactly_if_a_name_matches_both(first, second):
    # Without its `*`, each pattern has at most four characters. So a shortest common name has at most eight.
    expected = any(matches(first, name) and matches(second, name) for name in NAMES)
    assert have_a_common_name(first, second) == expected


def test_characters_of_regular_expressions_have_no_meaning():
    assert matches("my shop (v2).*", "my shop (v2).1")
    assert not matches("my.shop", "my shop")
