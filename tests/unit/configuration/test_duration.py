"""Durations as the document and the ledger write them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wardrop.configuration.duration import Duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0s", 0), ("90s", 90), ("5m", 300), ("2h", 7200), ("30d", 2_592_000), ("999999d", 86_399_913_600)],
)
def test_a_duration_is_a_number_and_a_unit(text, seconds):
    assert parse_duration(text) == timedelta(seconds=seconds)
    assert parse_duration(text).text == text


def test_a_duration_is_written_in_its_largest_unit():
    assert [Duration(seconds=seconds).text for seconds in (0, 59, 60, 90, 3600, 7260, 86400)] == [
        "0s",
        "59s",
        "1m",
        "90s",
        "1h",
        "121m",
        "1d",
    ]


@given(st.integers(0, 999_999))
def test_a_duration_reads_as_it_was_written(seconds):
    assert parse_duration(Duration(seconds=seconds).text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("value", ["-5m", 5, "5:30", "5 m", "1w", None, ["5m"], "", "5M", "1000000s"])
def test_anything_else_is_refused_with_the_forms_that_are_allowed(value):
    with pytest.raises(ValueError, match="is not a duration such as 90s, 5m, 2h or 30d"):
        parse_duration(value)
