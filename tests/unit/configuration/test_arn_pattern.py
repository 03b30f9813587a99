"""Patterns of ARNs, which a configuration document contains."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.limits import limited
from wardrop.configuration.arn_pattern import matches

ARN = "arn:aws:sts::123456789012:assumed-role/release-managers/jane"


@pytest.mark.parametrize(
    "pattern", [ARN, "arn:*", "*jane", "*release*", "arn:aws:sts::*:assumed-role/release-*/jan?", "*"]
)
def test_a_pattern_matches(pattern):
    assert matches(pattern, ARN)


@pytest.mark.parametrize(
    "pattern", ["", "arn:", "*jan", "release*", "*release*managers/joe", "arn:aws:sts::*:user/*", "????"]
)
def test_a_pattern_does_not_match(pattern):
    assert not matches(pattern, ARN)


@given(st.text("ab*?", max_size=8), st.text("ab\n", max_size=12))
def test_a_pattern_matches_as_the_simple_expression_does(pattern, arn):
    simple = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    assert matches(pattern, arn) == bool(re.fullmatch(simple, arn, re.DOTALL))


def test_many_wildcards_take_bounded_time():
    assert not limited(lambda pattern: matches(pattern, "arn:" + "a" * 1_000), "arn:" + "*a" * 200 + "b")
